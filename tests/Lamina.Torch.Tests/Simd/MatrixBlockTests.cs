namespace Lamina.Torch.Tests.Simd;

public unsafe class MatrixBlockTests
{
    // Rows, columns in vectors, depth.
    public static TheoryData<int, int, int, bool> Shapes =>
        new()
        {
            { 4, 1, 1, false },
            { 4, 2, 7, true },
            { 8, 1, 5, true },
            { 8, 2, 33, false },
            { 12, 1, 16, false },
            { 12, 2, 1, true },
            { 16, 2, 3, false },
            { 20, 1, 9, true },
            { 24, 2, 11, false },
            { 28, 1, 4, true },
            { 32, 2, 5, true },
            { 36, 2, 2, true },
        };

    // Small whole numbers: every product and sum is exact, so the result must be too.
    [Theory]
    [MemberData(nameof(Shapes))]
    public void Products_of_whole_numbers_are_exact(int rows, int vectors, int depth, bool add) =>
        VectorWidths.Run(new Exact(rows, vectors, depth, add));

    [Fact]
    public void Only_the_tile_is_written() => VectorWidths.Run(new OneTile());

    private sealed class Exact(int rows, int vectors, int depth, bool add) : IWidthTest
    {
        public void Run<TVector>()
            where TVector : unmanaged, IFloats<TVector>
        {
            int columns = vectors * TVector.Count;
            float[] a = Whole(rows * depth, 1);
            float[] b = Whole(depth * columns, 2);
            float[] c = Whole(rows * columns, 3);
            float[] expected = Product(a, b, c, columns);
            var transposed = new float[a.Length];
            for (int i = 0; i < a.Length; i++)
            {
                transposed[((i % depth) * rows) + (i / depth)] = a[i];
            }
            float[] fromColumns = [.. c];
            fixed (
                float* left = a,
                    right = b,
                    result = c,
                    turned = transposed,
                    other = fromColumns
            )
            {
                MatrixBlock<TVector>.Multiply(
                    rows,
                    columns,
                    depth,
                    left,
                    depth,
                    1,
                    right,
                    columns,
                    result,
                    columns,
                    add
                );
                MatrixBlock<TVector>.Multiply(
                    rows,
                    columns,
                    depth,
                    turned,
                    1,
                    rows,
                    right,
                    columns,
                    other,
                    columns,
                    add
                );
            }
            Assert.Equal(expected, c);
            Assert.Equal(expected, fromColumns);
        }

        private float[] Product(float[] a, float[] b, float[] c, int columns)
        {
            var product = new float[c.Length];
            for (int i = 0; i < rows; i++)
            {
                for (int j = 0; j < columns; j++)
                {
                    float sum = add ? c[(i * columns) + j] : 0;
                    for (int k = 0; k < depth; k++)
                    {
                        sum += a[(i * depth) + k] * b[(k * columns) + j];
                    }
                    product[(i * columns) + j] = sum;
                }
            }
            return product;
        }
    }

    private sealed class OneTile : IWidthTest
    {
        public void Run<TVector>()
            where TVector : unmanaged, IFloats<TVector>
        {
            int width = MatrixBlock<TVector>.PanelWidth;
            int step = width + 8;
            float[] a = Whole(4 * 3, 1);
            float[] b = Whole(3 * width, 2);
            var c = new float[(4 * step) + 8];
            Array.Fill(c, 7.5f);
            fixed (
                float* left = a,
                    right = b,
                    result = c
            )
            {
                MatrixBlock<TVector>.Multiply(4, width, 3, left, 3, 1, right, width, result + 4, step);
            }
            for (int i = 0; i < c.Length; i++)
            {
                int column = (i - 4 + step) % step;
                bool inside = i >= 4 && i < (4 * step) + 4 && column < width;
                Assert.True(inside != (c[i] == 7.5f), $"element {i} is {c[i]}");
            }
        }
    }

    private static float[] Whole(int count, int seed)
    {
        var random = new RandomStream(seed, RandomPurpose.User);
        return [.. Enumerable.Range(0, count).Select(_ => MathF.Floor(random.NextSingle() * 17) - 8)];
    }
}
