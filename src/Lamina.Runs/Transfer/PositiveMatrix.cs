namespace Lamina.Runs.Transfer;

/// <summary>Symmetric positive definite matrices.</summary>
internal static class PositiveMatrix
{
    /// <summary>Returns the inverse of a matrix with a number added to its diagonal, by Cholesky's decomposition.</summary>
    /// <param name="matrix">Symmetric, with no negative eigenvalues.</param>
    /// <param name="ridge">The number that is added to the diagonal, above 0.</param>
    public static double[,] Inverse(double[,] matrix, double ridge)
    {
        int n = matrix.GetLength(0);
        double[][] lower = Decompose(matrix, ridge);
        var inverse = new double[n, n];
        Parallel.For(
            0,
            n,
            column =>
            {
                double[] x = Solve(lower, column);
                for (int i = 0; i < n; i++)
                {
                    inverse[i, column] = x[i];
                }
            }
        );
        return inverse;
    }

    private static double[][] Decompose(double[,] matrix, double ridge)
    {
        int n = matrix.GetLength(0);
        double[][] lower = [.. Enumerable.Range(0, n).Select(i => new double[i + 1])];
        for (int j = 0; j < n; j++)
        {
            double[] pivot = lower[j];
            double rest = matrix[j, j] + ridge - DotProduct.Of<double>(pivot.AsSpan(0, j), pivot.AsSpan(0, j));
            pivot[j] = Math.Sqrt(Math.Max(rest, ridge * 1e-6));
            Parallel.For(
                j + 1,
                n,
                i =>
                    lower[i][j] =
                        (matrix[i, j] - DotProduct.Of<double>(lower[i].AsSpan(0, j), pivot.AsSpan(0, j))) / pivot[j]
            );
        }
        return lower;
    }

    // The column of the inverse: L Lᵀ x = e.
    private static double[] Solve(double[][] lower, int column)
    {
        int n = lower.Length;
        var x = new double[n];
        for (int i = column; i < n; i++)
        {
            double e = i == column ? 1 : 0;
            x[i] = (e - DotProduct.Of<double>(lower[i].AsSpan(0, i), x.AsSpan(0, i))) / lower[i][i];
        }
        for (int i = n - 1; i >= 0; i--)
        {
            x[i] /= lower[i][i];
            double value = x[i];
            double[] row = lower[i];
            for (int k = 0; k < i; k++)
            {
                x[k] -= row[k] * value;
            }
        }
        return x;
    }
}
