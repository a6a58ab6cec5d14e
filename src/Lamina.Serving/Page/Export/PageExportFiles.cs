using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Lamina.Serving;

/// <summary>Writes the files of an exported page.</summary>
internal sealed class PageExportFiles(string folder)
{
    // Some hosts of static files limit the size of a file.
    private const int PartBytes = 24 << 20;

    private const string ServerScript = """<script type="module" src="page/server.js"></script>""";

    private const string BrowserScripts = """
        <meta http-equiv="Content-Security-Policy" content="default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; style-src 'self'; img-src 'self' data: blob:; connect-src 'self'; base-uri 'none'; form-action 'none'">
        <script defer src="page/tf-core.es2017.min.js"></script>
        <script defer src="page/tf-backend-wasm.es2017.min.js"></script>
        <script type="module" src="page/browser.js"></script>
        """;

    private const string Main = "<main>";

    // Without a script: browsers run none that a file loads.
    private const string OpenedAsFile = """
        <main>
          <p id="opened" class="notice">Loading … If this text stays, the page was opened as a file, and browsers let files load
          nothing. Serve its folder, for example with <code>python3 -m http.server</code>, and open the address that it prints.</p>
        """;

    private static readonly string[] s_serverOnly = ["index.html", "server.js", "snippets.js"];

    private static readonly JsonSerializerOptions s_readable = new()
    {
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
    };

    /// <summary>The number of files.</summary>
    public int Count { get; private set; }

    /// <summary>The size of the network's files.</summary>
    public long NetworkBytes { get; private set; }

    /// <summary>The size of all others.</summary>
    public long PageBytes { get; private set; }

    /// <summary>Writes the page and its runtime.</summary>
    public void WritePage()
    {
        string index = Encoding.UTF8.GetString(PageFiles.Get("index.html").Span);
        index = Replace(Replace(index, ServerScript, BrowserScripts), Main, OpenedAsFile);
        PageBytes += Write("index.html", Encoding.UTF8.GetBytes(index));
        foreach (string name in PageFiles.Names.Except(s_serverOnly))
        {
            PageBytes += Write($"page/{name}", PageFiles.Get(name).Span);
        }
        foreach ((string name, byte[] bytes) in PageResources.Read("export/"))
        {
            PageBytes += Write($"page/{name}", bytes);
        }
    }

    /// <summary>Writes the network.</summary>
    /// <param name="network">The network.</param>
    /// <param name="description">Further facts about the model for the page; completed and written, too.</param>
    public void WriteNetwork(BrowserNetwork network, JsonObject description)
    {
        var parts = new JsonArray();
        using var part = new MemoryStream();
        foreach (byte[] weight in network.WeightBytes())
        {
            for (int at = 0; at < weight.Length; )
            {
                int count = Math.Min(weight.Length - at, PartBytes - (int)part.Length);
                part.Write(weight, at, count);
                at += count;
                if (part.Length == PartBytes)
                {
                    Flush();
                }
            }
        }
        Flush();
        description["nodes"] = network.Nodes.DeepClone();
        description["bytes"] = network.Bytes;
        description["files"] = parts;
        NetworkBytes += Write("model/network.json", JsonSerializer.SerializeToUtf8Bytes(description, s_readable));

        void Flush()
        {
            if (part.Length > 0)
            {
                string name = $"weights-{parts.Count + 1}.bin";
                NetworkBytes += Write($"model/{name}", part.GetBuffer().AsSpan(0, (int)part.Length));
                parts.Add((JsonNode)name);
                part.SetLength(0);
            }
        }
    }

    private static string Replace(string text, string old, string with) =>
        text.Contains(old, StringComparison.Ordinal)
            ? text.Replace(old, with, StringComparison.Ordinal)
            : throw new InvalidOperationException($"The page does not contain {old}.");

    private long Write(string name, ReadOnlySpan<byte> bytes)
    {
        string path = Path.Combine(folder, name);
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        File.WriteAllBytes(path, bytes);
        Count++;
        return bytes.Length;
    }
}
