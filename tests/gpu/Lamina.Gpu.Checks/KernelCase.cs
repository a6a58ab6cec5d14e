using Lamina.Gpu.Kernels;

namespace Lamina.Gpu.Checks;

/// <summary>A launch of a kernel.</summary>
/// <param name="Name">The kernel.</param>
/// <param name="Count">The number of elements, or of groups.</param>
/// <param name="Arguments">The arguments after the index: arrays and numbers.</param>
/// <param name="Threads">The number of threads in a group; 0 if the kernel has an index.</param>
internal sealed record KernelCase(string Name, int Count, object[] Arguments, int Threads = 0)
{
    private const int Rows = 96;
    private const int Channels = 24;
    private const int Values = Rows * Channels;
    private const int Slices = 8;

    private static readonly NormalizationShape s_normalization = new(Channels, Slices, 1e-3f, 0.9f, relu: 1);

    private static readonly PoolShape s_pool = new()
    {
        Height = 8,
        Width = 6,
        Channels = Channels,
        OutHeight = 4,
        OutWidth = 3,
        Window = 3,
        Stride = 2,
        Top = 1,
        Left = 1,
    };

    private static readonly CropShape s_crop = new()
    {
        Height = 20,
        Width = 18,
        Channels = 3,
        OutHeight = 15,
        OutWidth = 15,
        Top = 1,
        Left = 1,
    };

    private static readonly LocalResponseShape s_response = new()
    {
        Channels = Channels,
        Size = 5,
        K = 2,
        Alpha = 0.1f,
        Beta = 0.75f,
    };

    /// <summary>One launch of each kernel.</summary>
    public static IReadOnlyList<KernelCase> All { get; } =
    [
        new("Bias.BiasRelu", Values, [Rounded(1), Floats(2, Channels)]),
        new(
            "Bias.ReluBiasGradient",
            Slices * Channels,
            [Rounded(3), Rounded(4), new float[Slices * Channels], Channels, Slices]
        ),
        new("Slice.Sum", Channels, [Floats(5, Slices * Channels), new float[Channels]]),
        new(
            "BatchNormalization.Moments",
            Slices * Channels,
            [Rounded(6), new float[2 * Slices * Channels], s_normalization]
        ),
        new(
            "BatchNormalization.Statistics",
            Channels,
            [Rounded(7), Sums(), new float[2 * Channels], Floats(9, 2 * Channels), s_normalization]
        ),
        new(
            "BatchNormalization.Normalize",
            Values,
            [Rounded(10), Deviations(), Floats(12, 2 * Channels), new ushort[Values], s_normalization]
        ),
        new(
            "BatchNormalization.GradientSums",
            Slices * Channels,
            [Rounded(13), Rounded(14), Rounded(15), Deviations(), new float[2 * Slices * Channels], s_normalization]
        ),
        new(
            "BatchNormalization.InputGradient",
            Values,
            [
                Rounded(17),
                Rounded(18),
                Deviations(),
                Floats(20, 2 * Channels),
                Floats(21, 2 * Channels),
                s_normalization,
            ]
        ),
        new(
            "MaxPool.Forward",
            12 * 2 * Channels,
            [Rounded(22), new ushort[24 * Channels], new byte[24 * Channels], s_pool]
        ),
        new("MaxPool.Backward", Values, [Rounded(23, 24 * Channels), Places(), new ushort[Values], s_pool]),
        new(
            "Dropout.Apply",
            Values / 4,
            [
                Rounded(24),
                new DropoutStream
                {
                    Index = 3,
                    Step = 99,
                    Key0 = 0x12345678,
                    Key1 = 0x9abcdef0,
                    Threshold = 1ul << 31,
                    Scale = 2,
                },
            ]
        ),
        new(
            "CrossEntropy.Rows",
            Rows,
            [
                Rounded(25),
                Enumerable.Range(0, Rows).Select(i => i % Channels).ToArray(),
                new float[3 * Rows],
                new CrossEntropyShape
                {
                    Classes = Channels,
                    Top = 5,
                    Smoothing = 0.1f,
                    Scale = 1f / Rows,
                },
            ],
            Threads: 128
        ),
        new("CrossEntropy.Accumulate", 3, [Floats(26, 3 * Rows), Floats(27, 3)]),
        new(
            "Update.Sgd",
            Values,
            [
                Floats(28),
                Floats(29),
                Floats(30),
                Rounded(31),
                new ushort[Values],
                new SgdStep
                {
                    Momentum = 0.9f,
                    A = -0.01f,
                    B = -0.001f,
                    C = 1,
                    D = 1,
                    Average = 0.99f,
                },
            ]
        ),
        new(
            "Update.Adam",
            Values,
            [
                Floats(32),
                Floats(33),
                Floats(34).Select(Math.Abs).ToArray(),
                Floats(35),
                Rounded(36),
                new ushort[Values],
                new AdamStep
                {
                    Beta1 = 0.9f,
                    Beta2 = 0.999f,
                    Epsilon = 1e-7f,
                    Rate = 0.01f,
                    Scale = 0.999f,
                    Average = 0.99f,
                },
            ]
        ),
        new("Image.Crop", 2 * 15 * 15 * 3, [Bytes(), Crops(), Affine(), new ushort[2 * 15 * 15 * 3], s_crop]),
        new("Image.CropToDepth", 2 * 16 * 48, [Bytes(), Crops(), Affine(), new ushort[2 * 16 * 48], s_crop, 4, 4]),
        new("Depth.ToBlocks", 4 * 9 * 48, [Rounded(37, 4 * 121 * 3), new ushort[4 * 9 * 48], 11, 3]),
        new("Depth.FromBlocks", 4 * 121 * 3, [Rounded(38, 4 * 9 * 48), new ushort[4 * 121 * 3], 11, 3]),
        new("LocalResponse.Forward", Values, [Rounded(39), new ushort[Values], s_response]),
        new("LocalResponse.Backward", Values, [Rounded(40), Rounded(41), new ushort[Values], s_response]),
    ];

    private static float[] Floats(int seed, int count = Values)
    {
        var random = new Random(seed);
        return [.. Enumerable.Range(0, count).Select(_ => ((float)random.NextDouble() * 2) - 1)];
    }

    private static ushort[] Rounded(int seed, int count = Values) => [.. Floats(seed, count).Select(BFloat.Round)];

    // Sums of squares that leave a variance above 0.
    private static float[] Sums() =>
        [.. Floats(8, 2 * Slices * Channels).Select((v, i) => i / Channels % 2 == 0 ? v : 20 + v)];

    private static float[] Deviations() => [.. Floats(11, 2 * Channels).Select((v, i) => i < Channels ? v : 1.5f + v)];

    private static byte[] Places() => [.. Enumerable.Range(0, 24 * Channels).Select(i => (byte)(i * 7 % 9))];

    private static byte[] Bytes() => [.. Enumerable.Range(0, 2 * 20 * 18 * 3).Select(i => (byte)(i * 31))];

    private static int[] Crops() => [0, 0, 0, 5, 3, 1];

    private static float[] Affine() => [0.02f, 0.01f, 0.03f, -2, -1, -3];
}
