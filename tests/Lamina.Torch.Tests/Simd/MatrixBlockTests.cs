namespace Lamina.Torch.Tests.Simd;

public unsafe class MatrixBlockTests
{
    public static TheoryData<int, int, int, bool> Shapes =>
        new()
        {
            { 4, 16, 1, false },
            { 4, 32, 7, true },
            { 8, 16, 5, true },
            { 8, 32, 33, false },
            { 12, 16, 16, false },
            { 12, 32, 1, true },
            { 16, 32, 3, false },
            { 20, 16, 9, true },
            { 24, 32, 11, false },
            { 36, 32, 2, true },
        };

    // Small whole numbers: every product and sum is exact, so the result must be too.
    [Theory]
    [MemberData(nameof(Shapes))]
    public void Products_of_whole_numbers_are_exact(int rows, int columns, int depth, bool add)
    {
        float[] a = Whole(rows * depth, 1);
        float[] b = Whole(depth * columns, 2);
        float[] c = Whole(rows * columns, 3);
        var expected = new float[c.Length];
        for (int i = 0; i < rows; i++)
        {
            for (int j = 0; j < columns; j++)
            {
                float sum = add ? c[(i * columns) + j] : 0;
                for (int k = 0; k < depth; k++)
                {
                    sum += a[(i * depth) + k] * b[(k * columns) + j];
                }
                expected[(i * columns) + j] = sum;
            }
        }
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
            MatrixBlock.Multiply(rows, columns, depth, left, depth, 1, right, columns, result, columns, add);
            MatrixBlock.Multiply(rows, columns, depth, turned, 1, rows, right, columns, other, columns, add);
        }
        Assert.Equal(expected, c);
        Assert.Equal(expected, fromColumns);
    }

    [Fact]
    public void Only_the_tile_is_written()
    {
        float[] a = Whole(4 * 3, 1);
        float[] b = Whole(3 * 32, 2);
        var c = new float[(4 * 40) + 8];
        Array.Fill(c, 7);
        fixed (
            float* left = a,
                right = b,
                result = c
        )
        {
            MatrixBlock.Multiply(4, 32, 3, left, 3, 1, right, 32, result + 4, 40);
        }
        for (int i = 0; i < c.Length; i++)
        {
            int column = (i - 4 + 40) % 40;
            Assert.True(i >= 4 && i < 164 && column < 32 || c[i] == 7, $"element {i} was written");
        }
    }

    private static float[] Whole(int count, int seed)
    {
        var random = new RandomStream(seed, RandomPurpose.User);
        return [.. Enumerable.Range(0, count).Select(_ => MathF.Floor(random.NextSingle() * 17) - 8)];
    }
}
