using System.Text;

namespace Lamina.OnnxRuntime.Tests;

/// <summary>
/// The ONNX project's own tests of the operators that Lamina reads (Debian's libonnx-testdata, packed by
/// tests/interop/onnx/make_node_tests.py) pass, or are listed in docs/onnx-node-tests.md with the reason why they cannot be
/// Lamina's.
/// </summary>
public class NodeTests
{
    private static readonly string s_archive = Path.Combine(AppContext.BaseDirectory, "NodeTests", "node-tests.zip");
    private static readonly string s_page = Path.Combine(AppContext.BaseDirectory, "Docs", "onnx-node-tests.md");

    [Fact]
    public void Applicable_tests_pass_and_others_are_listed_with_a_reason()
    {
        IReadOnlyList<NodeTest> tests = NodeTest.ReadAll(s_archive);
        var reasons = new List<(string Name, string Reason)>();
        var wrong = new List<string>();
        foreach (NodeTest test in tests)
        {
            Session.Clear();
            try
            {
                if (test.Run() is { } reason)
                {
                    reasons.Add((test.Name, reason));
                }
            }
            catch (Exception e) when (e is Xunit.Sdk.IAssertionException or LaminaException)
            {
                wrong.Add($"{test.Name}: {e.Message}");
            }
        }
        Assert.True(wrong.Count == 0, string.Join('\n', wrong));
        string page = Page(tests.Count, reasons);
        if (Environment.GetEnvironmentVariable("LAMINA_WRITE_PAGE") is { Length: > 0 } path)
        {
            File.WriteAllText(path, page);
        }
        Assert.Equal(File.ReadAllText(s_page), page);
    }

    private static string Page(int count, List<(string Name, string Reason)> reasons)
    {
        var page = new StringBuilder();
        page.Append(
            $"""
            # ONNX's own tests

            The ONNX project tests each operator by small models with inputs and outputs. Of the {count} of them (version 1.12)
            that are made of the operators that `OnnxFile.Import` reads, {count
                - reasons.Count} give in Lamina what they must,
            to 1e-5 of the greatest value. The others cannot be models of Lamina's. The test that runs them holds this page.

            | test | why not |
            |---|---|

            """
        );
        foreach ((string name, string reason) in reasons)
        {
            page.Append(
                System.Globalization.CultureInfo.InvariantCulture,
                $"| {name} | {reason.Replace("|", "\\|", StringComparison.Ordinal)} |\n"
            );
        }
        return page.ToString();
    }
}
