using System.Security.Cryptography;
using Lamina.Runs.Text;

namespace Lamina.Runs;

/// <summary>
/// A network that others trained and whose file the user has: its origin, license and checksum, and the places where the file
/// is looked for. Nothing is downloaded.
/// </summary>
public sealed record PretrainedNetwork
{
    /// <summary>The environment variable that names a folder with files of pretrained networks.</summary>
    public const string FolderVariable = "LAMINA_PRETRAINED";

    private PretrainedNetwork() { }

    /// <summary>The name.</summary>
    public required string Name { get; init; }

    /// <summary>The network, its training images and its publisher.</summary>
    public required string Source { get; init; }

    /// <summary>The license of the weights, an SPDX identifier.</summary>
    public required string License { get; init; }

    /// <summary>The name of the file.</summary>
    public required string File { get; init; }

    /// <summary>The size of the file in bytes.</summary>
    public required long Bytes { get; init; }

    /// <summary>The file's SHA-256 in hexadecimal digits, or the first digits if the publisher names no more.</summary>
    public required string Sha256 { get; init; }

    /// <summary>The preprocessing of images, in words.</summary>
    public required string Preprocessing { get; init; }

    /// <summary>The published top-1 accuracy on ImageNet's validation images in percent; <see langword="null"/> if there is none.</summary>
    public double? Accuracy { get; init; }

    /// <summary>The place where the owner publishes the file.</summary>
    public required string Owner { get; init; }

    /// <summary>The model of the zoo that the weights belong to; <see langword="null"/> if the file contains the model.</summary>
    internal string? Model { get; init; }

    /// <summary>The file that prepares images, beside the folder of <see cref="File"/> or in it, with its checksum.</summary>
    internal (string Folder, string Name, string Sha256)? PreprocessingFile { get; init; }

    /// <summary>The networks that are known.</summary>
    public static IReadOnlyList<PretrainedNetwork> All { get; } =
    [
        new()
        {
            Name = "resnet18",
            Source = "ResNet-18 on ImageNet by CNTK, package Microsoft.ML.DnnImageFeaturizer.ResNet18 0.23.1",
            License = "MIT",
            File = "ResNet18.onnx",
            Bytes = 63_653_533,
            Sha256 = "e2552f19db2dfdb01b3669537b6a0f1b44da38d18279535492ed5dfc2ef1ff8f",
            Preprocessing = "cntk: 224×224, blue first, 0 to 255, less a mean image",
            Owner =
                "the NuGet package Microsoft.ML.DnnImageFeaturizer.ResNet18 0.23.1, in its folder tools/DnnImageModels",
            PreprocessingFile = (
                "ResNetPrepOnnx",
                "ResNetPreprocess.onnx",
                "84bf8def78d0befaa3f6e73745d57d7016c6a192ead76f79686bd438c1047004"
            ),
        },
        new()
        {
            Name = "alexnet",
            Source = "AlexNet (One Weird Trick) on ImageNet by torchvision, IMAGENET1K_V1",
            License = "BSD-3-Clause",
            File = "alexnet-owt-7be5be79.pth",
            Bytes = 244_408_911,
            Sha256 = "7be5be79",
            Preprocessing = "torch: 224×224, red first, 0 to 1, ImageNet's means and deviations",
            Accuracy = 56.522,
            Owner = "https://download.pytorch.org/models/alexnet-owt-7be5be79.pth",
            Model = "owt",
        },
    ];

    /// <summary>Finds a network by name.</summary>
    /// <exception cref="LaminaException">There is none of this name.</exception>
    public static PretrainedNetwork Get(string name) =>
        All.FirstOrDefault(n => n.Name == name)
        ?? throw new LaminaException(
            $"'{OneLine.Of(name)}' is not a known pretrained network: {string.Join(", ", All.Select(n => n.Name))}. "
                + "Use starting weights for the file of another."
        );

    /// <summary>The paths where the file is looked for, in this order.</summary>
    public IReadOnlyList<string> Places =>
        [
            .. Environment.GetEnvironmentVariable(FolderVariable) is { Length: > 0 } folder
                ? (string[])[Path.Combine(folder, File)]
                : [],
            Model is null
                ? Path.Combine(
                    Packages,
                    "microsoft.ml.dnnimagefeaturizer.resnet18",
                    "0.23.1",
                    "tools",
                    "DnnImageModels",
                    "ResNet18Onnx",
                    File
                )
                : Path.Combine(TorchHome, "hub", "checkpoints", File),
        ];

    /// <summary>Returns the path of the file, or <see langword="null"/> if it is not there.</summary>
    public string? Find() => Places.FirstOrDefault(System.IO.File.Exists);

    /// <summary>Returns the weights to begin a training with, all frozen but a new head.</summary>
    /// <param name="path">The file. Default: <see langword="null"/>, the first of <see cref="Places"/> that exists.</param>
    /// <exception cref="LaminaException">There is no such file, or its checksum is wrong.</exception>
    public StartingWeights Weights(string? path = null)
    {
        string file =
            path
            ?? Find()
            ?? throw new LaminaException(
                $"{Name}: the file is not at {string.Join(" or ", Places)}. Its owner has it: {Owner}. Put it there, or name its path."
            );
        Verify(file, Sha256);
        string? preprocessing = null;
        if (PreprocessingFile is { } graph)
        {
            string folder = Path.GetDirectoryName(Path.GetFullPath(file))!;
            string[] places =
            [
                Path.Combine(folder, graph.Name),
                Path.GetFullPath(Path.Combine(folder, "..", graph.Folder, graph.Name)),
            ];
            preprocessing =
                places.FirstOrDefault(System.IO.File.Exists)
                ?? throw new LaminaException(
                    $"{places[0]}: there is no such file, which prepares the images of {Name}. Its owner has it: {Owner}."
                );
            Verify(preprocessing, graph.Sha256);
        }
        return new StartingWeights(file)
        {
            Model = Model,
            Freeze = [TransferLearning.Backbone],
            Preprocessing = preprocessing,
            Pretrained = this,
        };
    }

    private void Verify(string path, string sha256)
    {
        try
        {
            using FileStream stream = System.IO.File.OpenRead(path);
            string found = Convert.ToHexStringLower(SHA256.HashData(stream));
            if (!found.StartsWith(sha256, StringComparison.Ordinal))
            {
                throw new LaminaException(
                    $"{path}: is not the file of {Name}, or is damaged: its SHA-256 begins {found[..8]}, not {sha256[..8]}. Get it again from {Owner}."
                );
            }
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new LaminaException($"{path}: cannot be read ({OneLine.Of(e.Message)})", e);
        }
    }

    private static string Home => Environment.GetFolderPath(Environment.SpecialFolder.UserProfile);

    private static string Packages =>
        Environment.GetEnvironmentVariable("NUGET_PACKAGES") is { Length: > 0 } folder
            ? folder
            : Path.Combine(Home, ".nuget", "packages");

    // As PyTorch itself finds its cache.
    private static string TorchHome =>
        Environment.GetEnvironmentVariable("TORCH_HOME") is { Length: > 0 } home ? home
        : Environment.GetEnvironmentVariable("XDG_CACHE_HOME") is { Length: > 0 } cache ? Path.Combine(cache, "torch")
        : Path.Combine(Home, ".cache", "torch");
}
