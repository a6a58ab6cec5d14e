using System.Text;

namespace Lamina;

/// <summary>
/// The names and initial weights of the layers created next: one counter per class (<c>conv2d</c>, <c>conv2d_1</c>, …),
/// and the seed of the weights.
/// </summary>
/// <remarks>
/// Each flow of control has its own session, as it has its own <see cref="System.Globalization.CultureInfo.CurrentCulture"/>:
/// a new thread or task starts with a copy of its creator's session, and nothing that it builds or sets afterwards is seen
/// by its creator or by another thread. What a thread builds therefore never depends on what runs beside it, and two tasks
/// that start from one session build models of the same names and weights. A session continues after an
/// <see langword="await"/>, but what an asynchronous method builds or sets is not seen by its caller. Use
/// <see cref="BeginScope"/> in the body of a parallel loop, whose iterations share threads.
/// </remarks>
public static class Session
{
    private static readonly SessionStore s_store = new();

    /// <summary>The seed of initial weights. Default: 0.</summary>
    public static long Seed => s_store.State.Seed;

    /// <summary>Restarts the names of layers and models, like Keras's <c>clear_session</c>. The seed is kept.</summary>
    public static void Clear() => s_store.Update(state => state.WithoutNames());

    /// <summary>
    /// Sets the seed of the weights of layers created from now on, and restarts their count. The same seed and model
    /// produce the same weights. Existing weights do not change.
    /// </summary>
    /// <param name="seed">The seed, any number.</param>
    public static void SetRandomSeed(long seed) => s_store.Update(state => state.WithSeed(seed));

    /// <summary>
    /// Lets all flows of control without a session of their own share one from now on. Call it in the first cell of a notebook:
    /// cells are separate flows, and each would count the names of layers from the start.
    /// </summary>
    /// <remarks>
    /// Threads that build models at the same time then share names and weights, too. Begin a scope in each, and they are
    /// independent again.
    /// </remarks>
    public static void Share() => s_store.Share();

    /// <summary>
    /// Begins a session with names and weights as in a new program. Disposing the result restores the present session.
    /// </summary>
    /// <param name="seed">The seed of initial weights. Default: the present session's.</param>
    /// <returns>The scope. Dispose it in the method that began it.</returns>
    /// <example>
    /// <code>
    /// Parallel.For(0, 8, i =>
    /// {
    ///     using IDisposable scope = Session.BeginScope(seed: i);
    ///     Model model = Build();
    /// });
    /// </code>
    /// </example>
    public static IDisposable BeginScope(long? seed = null)
    {
        return s_store.Begin(SessionState.Initial.WithSeed(seed ?? Seed));
    }

    /// <summary>Runs a function and restores the session, so that it consumes neither names nor weights.</summary>
    internal static T Unchanged<T>(Func<T> build)
    {
        using IDisposable scope = s_store.Begin(s_store.State);
        return build();
    }

    /// <summary>Returns the seed and index that identify a new weight's random stream.</summary>
    internal static (long Seed, long Index) NextWeight()
    {
        SessionState state = s_store.Update(state => state.WithWeight());
        return (state.Seed, state.Weights);
    }

    /// <summary>
    /// Returns the next free name for a prefix: first without a suffix (unless <paramref name="fromOne"/>), then _1,
    /// _2.
    /// </summary>
    internal static string UniqueName(string prefix, bool fromOne = false)
    {
        int count = 0;
        _ = s_store.Update(state =>
        {
            count = state.Names.GetValueOrDefault(prefix, fromOne ? 1 : 0);
            return state.WithName(prefix, count + 1);
        });
        return count == 0 ? prefix : $"{prefix}_{count}";
    }

    /// <summary>
    /// Converts a class name to Keras's snake case: <c>MaxPooling2D</c> becomes <c>max_pooling2d</c>, <c>ReLU</c>
    /// becomes <c>re_lu</c>.
    /// </summary>
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
