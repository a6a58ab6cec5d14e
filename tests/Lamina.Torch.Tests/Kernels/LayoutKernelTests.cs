using CsCheck;
using Lamina.Torch.Tests.References;

namespace Lamina.Torch.Tests.Kernels;

public class LayoutKernelTests
{
    private static readonly Gen<int[]> s_samples = Gen.Int[1, 5].Array[1, 3];

    private static Array64 Batched(int[] sample, int seed) => Draw64.Uniform(seed, [1 + (seed % 3), .. sample]);

    [Fact]
    public void Concat_follows_its_definition() =>
        Gen.Select(s_samples, Gen.Int[0, 2], Gen.Int[1, 5].Array[1, 4], Gen.Int[0, 1000])
            .Fixed()
            .Sample(
                (sample, place, sizes, seed) =>
                {
                    int axis = place % sample.Length;
                    Array64[] inputs =
                    [
                        .. sizes.Select(size =>
                        {
                            int[] own = [.. sample];
                            own[axis] = size;
                            return Batched(own, seed);
                        }),
                    ];
                    new KernelCheck(new ConcatOp(axis + 1), inputs).Run();
                },
                iter: 60,
                threads: 1
            );

    [Fact]
    public void Slice_follows_its_definition() =>
        Gen.Select(s_samples, Gen.Int[0, 2], Gen.Int[0, 4], Gen.Int[0, 4], Gen.Int[0, 1000])
            .Fixed()
            .Sample(
                (sample, place, a, b, seed) =>
                {
                    int axis = place % sample.Length;
                    int start = a % sample[axis];
                    int count = 1 + (b % (sample[axis] - start));
                    new KernelCheck(new SliceOp(axis + 1, start, count), Batched(sample, seed)).Run();
                },
                iter: 60,
                threads: 1
            );

    [Fact]
    public void Transpose_follows_its_definition() =>
        Gen.Select(s_samples, Gen.Int[0, 1000])
            .Fixed()
            .Sample(
                (sample, seed) =>
                {
                    int[] permutation = [.. Enumerable.Range(1, sample.Length)];
                    new Random(seed).Shuffle(permutation);
                    new KernelCheck(new TransposeOp(permutation), Batched(sample, seed)).Run();
                },
                iter: 60,
                threads: 1
            );

    [Fact]
    public void Reshape_follows_its_definition()
    {
        foreach (
            int[] to in (int[][])
                [
                    [60],
                    [12, 5],
                    [5, 4, 3],
                    [1, 60, 1],
                    [3, 4, 5],
                ]
        )
        {
            new KernelCheck(new ReshapeOp(Shape.Of(to)), Draw64.Uniform(1, [2, 3, 4, 5])).Run();
        }
    }

    [Fact]
    public void Pad_follows_its_definition() =>
        Gen.Select(Gen.Int[1, 4].Array[4], Gen.Int[0, 3].Array[4], Gen.Int[0, 1000])
            .Fixed()
            .Sample(
                (x, p, seed) =>
                    new KernelCheck(new PadOp(new Pads2(p[0], p[1], p[2], p[3])), Draw64.Uniform(seed, x)).Run(),
                iter: 60,
                threads: 1
            );
}
