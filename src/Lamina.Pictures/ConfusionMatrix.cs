using Lamina.Drawing;

namespace Lamina;

public static partial class RunPictures
{
    /// <summary>
    /// Draws a confusion matrix: rows are true classes, columns predicted classes, and the color of a cell is its fraction of
    /// the row. With up to 30 classes, cells contain the counts.
    /// </summary>
    /// <param name="path">The PNG to write.</param>
    /// <param name="counts">The number of images of class [row] that were predicted as class [column].</param>
    /// <param name="classNames">The class names, one per row.</param>
    /// <param name="isDark"><see langword="true"/> for a dark background. Default: <see langword="false"/>.</param>
    /// <param name="note">A remark below the title. Default: none.</param>
    /// <exception cref="ArgumentException">The matrix is not square, is empty, has negative counts, or the names do not fit it.</exception>
    /// <exception cref="LaminaException">The file cannot be written.</exception>
    public static void ConfusionMatrix(
        string path,
        int[,] counts,
        IReadOnlyList<string> classNames,
        bool isDark = false,
        string note = ""
    )
    {
        ArgumentNullException.ThrowIfNull(counts);
        ArgumentNullException.ThrowIfNull(classNames);
        int n = counts.GetLength(0);
        if (n == 0 || counts.GetLength(1) != n || classNames.Count != n)
        {
            throw new ArgumentException(
                $"A {n}×{counts.GetLength(1)} matrix and {classNames.Count} names: it must be square, with one name per row.",
                nameof(counts)
            );
        }
        if (counts.Cast<int>().Any(c => c < 0))
        {
            throw new ArgumentException("A count is negative.", nameof(counts));
        }

        new MatrixDrawing(counts, classNames, isDark, note).Save(path);
    }
}
