namespace Lamina.Architecture.Tests;

/// <summary>The length of methods.</summary>
public sealed class MethodTests
{
    private const int Most = 60;

    /// <summary>
    /// Loops that are unrolled by hand, whose registers are the subject. The list may only become shorter.
    /// </summary>
    private static readonly string[] s_unrolled = ["MatrixTile.cs", "MaxPoolLoops.cs"];

    [Fact]
    public void Methods_fit_a_screen()
    {
        string src = Path.Combine(Sources.Root, "src");
        int count = 0;
        List<string> faults = [];
        foreach (string path in Sources.Paths)
        {
            foreach ((string name, int line, int length) in Methods.Of(File.ReadAllText(path)))
            {
                count++;
                if (length > Most && !s_unrolled.Contains(Path.GetFileName(path)))
                {
                    faults.Add(
                        $"{Path.GetRelativePath(src, path)}, line {line}: {name} has {length} lines. Split it where its subject changes; {Most} are allowed."
                    );
                }
            }
        }
        Assert.True(count > 2000, $"The methods were not found, only {count}.");
        Assert.True(faults.Count == 0, string.Join('\n', faults));
    }

    [Fact]
    public void Lines_of_code_are_counted_from_brace_to_brace()
    {
        const string text = """
            namespace N;

            internal sealed class Type<T>
            {
                private readonly int[] _values = [];

                /// <summary>Adds.</summary>
                public static int Add(int a, int b)
                {
                    // A comment.
                    if (a > b)
                    {
                        return a;
                    }

                    return a + b;
                }

                internal async Task<Dictionary<string, int>> Long(
                    int first,
                    int second
                )
                {
                    await first;
                }

                extension(Model model)
                {
                    public void Inner()
                    {
                    }
                }

                public int Short(int a) => a;

                public Type(int x)
                    : base(x)
                {
                    _values[0] = x;
                }
            }
            """;
        Assert.Equal(
            [("Add", 9, 7), ("Long", 23, 3), ("Inner", 30, 2), ("Type", 38, 3)],
            Methods.Of(text).Select(m => (m.Name, m.Line, m.Length))
        );
    }
}
