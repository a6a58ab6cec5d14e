namespace Lamina;

/// <summary>Eigendecomposition of a small symmetric matrix by Jacobi rotations (1846).</summary>
internal static class SymmetricEigen
{
    private const int MostSweeps = 64;

    /// <summary>Returns the eigenvalues and eigenvectors of a matrix.</summary>
    /// <param name="matrix">(n, n), symmetric.</param>
    /// <returns>
    /// The eigenvalues, largest first, and the unit eigenvector of each, whose largest value is positive.
    /// </returns>
    public static (double[] Values, double[][] Vectors) Of(double[,] matrix)
    {
        int n = matrix.GetLength(0);
        var a = (double[,])matrix.Clone();
        var v = new double[n, n];
        for (int i = 0; i < n; i++)
        {
            v[i, i] = 1;
        }
        for (int sweep = 0; sweep < MostSweeps && OffDiagonal(a) > 0; sweep++)
        {
            for (int p = 0; p < n; p++)
            {
                for (int q = p + 1; q < n; q++)
                {
                    Rotate(a, v, p, q);
                }
            }
        }
        int[] order = [.. Enumerable.Range(0, n).OrderByDescending(i => a[i, i])];
        return ([.. order.Select(i => a[i, i])], [.. order.Select(i => Vector(v, i))]);
    }

    /// <summary>Rotates the plane of p and q so that their common element becomes 0.</summary>
    private static void Rotate(double[,] a, double[,] v, int p, int q)
    {
        if (a[p, q] == 0)
        {
            return;
        }
        int n = a.GetLength(0);
        double theta = (a[q, q] - a[p, p]) / (2 * a[p, q]);
        double tan = (theta < 0 ? -1 : 1) / (Math.Abs(theta) + Math.Sqrt((theta * theta) + 1));
        double cos = 1 / Math.Sqrt((tan * tan) + 1);
        double sin = tan * cos;
        for (int i = 0; i < n; i++)
        {
            (a[i, p], a[i, q]) = ((cos * a[i, p]) - (sin * a[i, q]), (sin * a[i, p]) + (cos * a[i, q]));
        }
        for (int i = 0; i < n; i++)
        {
            (a[p, i], a[q, i]) = ((cos * a[p, i]) - (sin * a[q, i]), (sin * a[p, i]) + (cos * a[q, i]));
            (v[i, p], v[i, q]) = ((cos * v[i, p]) - (sin * v[i, q]), (sin * v[i, p]) + (cos * v[i, q]));
        }
        (a[p, q], a[q, p]) = (0, 0);
    }

    private static double OffDiagonal(double[,] a)
    {
        double sum = 0;
        for (int i = 0; i < a.GetLength(0); i++)
        {
            for (int j = 0; j < i; j++)
            {
                sum += Math.Abs(a[i, j]);
            }
        }
        return sum;
    }

    private static double[] Vector(double[,] v, int column)
    {
        double[] result = [.. Enumerable.Range(0, v.GetLength(0)).Select(i => v[i, column])];
        double sign = result.MaxBy(Math.Abs) < 0 ? -1 : 1;
        return [.. result.Select(x => sign * x)];
    }
}
