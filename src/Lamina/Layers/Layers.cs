namespace Lamina;

/// <summary>
/// The layers as functions, with Keras's names, arguments and defaults, for <c>using static Lamina.Layers;</c>. Each
/// returns a call that applies the layer: <c>x = Conv2D(96, 11, strides: 4)(x)</c>.
/// </summary>
public static partial class Layers { }
