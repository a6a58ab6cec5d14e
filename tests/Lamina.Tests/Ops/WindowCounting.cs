namespace Lamina.Tests;

/// <summary>Counts windows by placing them one by one: the definition that the closed form must agree with.</summary>
internal static class WindowCounting
{
    /// <summary>The windows that lie wholly on a padded axis of <paramref name="n"/> pixels.</summary>
    public static int Count(int n, int window, int stride, int before, int after, int dilation)
    {
        // The axis as pixels: a tap is on it or it is not.
        var axis = new HashSet<int>(Enumerable.Range(-before, before + n + after));
        int count = 0;
        for (int start = -before; axis.Contains(start); start += stride)
        {
            bool inside = Enumerable.Range(0, window).All(tap => axis.Contains(start + (tap * dilation)));
            if (!inside)
            {
                break;
            }
            count++;
        }
        return count;
    }

    /// <summary>The windows of 'same': one at every stride-th pixel of the image.</summary>
    public static int CountSame(int n, int stride) => Enumerable.Range(0, n).Count(i => i % stride == 0);
}
