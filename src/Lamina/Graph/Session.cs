using System.Text;

namespace Lamina;

/// <summary>
/// What a process shares: the counters that name layers (<c>conv2d</c>, <c>conv2d_1</c>, …) and the seed of initial
/// weights. Safe on several threads.
/// </summary>
public static class Session
{
    private static readonly Lock s_lock = new();
    private static readonly Dictionary<string, int> s_counters = [];
    private static long s_seed;
    private static long s_weights;

    [ThreadStatic]
    private static bool s_withoutStreams;

    /// <summary>The seed of initial weights: 0 until <see cref="SetRandomSeed"/>.</summary>
    public static long Seed
    {
        get
        {
            lock (s_lock)
            {
                return s_seed;
            }
        }
    }

    /// <summary>Starts the names of layers and models anew, as Keras's <c>clear_session</c> does.</summary>
    public static void Clear()
    {
        lock (s_lock)
        {
            s_counters.Clear();
        }
    }

    /// <summary>
    /// Sets the seed that the weights of layers built from now on are drawn with, and starts their count anew: the
    /// same seed and the same model give the same weights. Weights that exist keep theirs.
    /// </summary>
    public static void SetRandomSeed(long seed)
    {
        lock (s_lock)
        {
            s_seed = seed;
            s_weights = 0;
        }
    }

    /// <summary>The seed and number that name a new weight's random stream.</summary>
    internal static (long Seed, long Index) NextWeight()
    {
        if (s_withoutStreams)
        {
            return (0, 0);
        }
        lock (s_lock)
        {
            return (s_seed, s_weights++);
        }
    }

    /// <summary>Builds what is looked at alone and never draws its weights; the count of weights stays.</summary>
    internal static T WithoutStreams<T>(Func<T> build)
    {
        s_withoutStreams = true;
        try
        {
            return build();
        }
        finally
        {
            s_withoutStreams = false;
        }
    }

    /// <summary>The next free name for a prefix: without a suffix first (unless <paramref name="fromOne"/>), then _1, _2.</summary>
    internal static string UniqueName(string prefix, bool fromOne = false)
    {
        lock (s_lock)
        {
            int count = s_counters.GetValueOrDefault(prefix, fromOne ? 1 : 0);
            s_counters[prefix] = count + 1;
            return count == 0 ? prefix : $"{prefix}_{count}";
        }
    }

    /// <summary>Keras's snake case: <c>MaxPooling2D</c> becomes <c>max_pooling2d</c>, <c>ReLU</c> <c>re_lu</c>.</summary>
    internal static string SnakeCase(string name)
    {
        var result = new StringBuilder(name.Length + 4);
        for (int i = 0; i < name.Length; i++)
        {
            bool startsWord =
                i > 0
                && char.IsAsciiLetterUpper(name[i])
                && (
                    char.IsAsciiLetterLower(name[i - 1])
                    || (i + 1 < name.Length && char.IsAsciiLetterLower(name[i + 1]))
                );
            if (startsWord)
            {
                result.Append('_');
            }
            result.Append(char.ToLowerInvariant(name[i]));
        }
        return result.ToString();
    }
}
