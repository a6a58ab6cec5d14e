namespace Lamina.Runs;

/// <summary>The way a network sees an image.</summary>
/// <param name="Explained">The class that the heat explains.</param>
/// <param name="Input">The image as the network receives it: resized and cropped.</param>
/// <param name="Heat">
/// The regions that speak for the class, in gray: white for most. <see langword="null"/> if the network has no convolution
/// with maps.
/// </param>
/// <param name="Layers">The layers, in the order of computation, with their strongest maps.</param>
public sealed record NetworkView(
    ClassScore Explained,
    ViewPicture Input,
    ViewPicture? Heat,
    IReadOnlyList<LayerView> Layers
);

/// <summary>A picture as a PNG file.</summary>
/// <param name="Png">The bytes of the file.</param>
/// <param name="Height">The height in pixels.</param>
/// <param name="Width">The width in pixels.</param>
/// <param name="Caption">The text below the picture; empty for none.</param>
public sealed record ViewPicture(ReadOnlyMemory<byte> Png, int Height, int Width, string Caption = "");

/// <summary>The output of a layer.</summary>
/// <param name="Layer">The name of the layer.</param>
/// <param name="Note">The class and shape of the layer, and how many values are 0.</param>
/// <param name="Maps">The maps with the largest mean, the largest first; a dense layer has one, a square of its units.</param>
public sealed record LayerView(string Layer, string Note, IReadOnlyList<ViewPicture> Maps);

/// <summary>The training images that are nearest to an image.</summary>
/// <param name="Layer">The layer whose outputs were compared.</param>
/// <param name="Searched">The number of images that were searched.</param>
/// <param name="Neighbors">The nearest images, the nearest first; those that cannot be read are left out.</param>
public sealed record NeighborView(string Layer, int Searched, IReadOnlyList<NeighborPicture> Neighbors);

/// <summary>A near image.</summary>
/// <param name="Class">Its class.</param>
/// <param name="Distance">The Euclidean distance of the features.</param>
/// <param name="Png">The image as a PNG file.</param>
public sealed record NeighborPicture(string Class, double Distance, ReadOnlyMemory<byte> Png);
