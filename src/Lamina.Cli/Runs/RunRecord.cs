using System.Globalization;
using System.Runtime.InteropServices;
using System.Text.Json;
using System.Text.Json.Nodes;
using Lamina.Torch;

namespace Lamina.Cli;

/// <summary>
/// <c>run.json</c>: what made a run (command, settings, seed, versions, data) and how it stands, so that it can be told and
/// gone on with. Holds the run's lock.
/// </summary>
internal sealed class RunRecord : IDisposable
{
    public const string FileName = "run.json";
    private const string Format = "lamina-run";
    private const int Version = 1;
    private const string ValidationPart = "validation_images";
    private const int MostToHash = 100_000;

    private static readonly JsonSerializerOptions s_indented = new()
    {
        WriteIndented = true,
        NewLine = "\n",
        Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
    };

    private readonly RunLock _lock;
    private readonly JsonObject _json;

    private RunRecord(RunFolder folder, RunLock held, JsonObject json) => (Folder, _lock, _json) = (folder, held, json);

    /// <summary>The run's folder.</summary>
    public RunFolder Folder { get; }

    /// <summary>Whether the run has reached its end.</summary>
    public bool IsFinished => Text("status") == "finished";

    /// <summary>Makes a new run's folder and writes its record.</summary>
    /// <exception cref="LaminaException">It cannot be written, or an image cannot be read.</exception>
    public static RunRecord Begin(
        TrainSettings settings,
        DataSelection data,
        Model model,
        Baselines? baselines,
        CancellationToken interrupt
    )
    {
        // First what takes long and can fail: it leaves no folder behind.
        JsonObject origin = Describe(data, interrupt);
        var folder = RunFolder.Create(settings.Output, settings.Model, DateTimeOffset.Now);
        var held = RunLock.Take(folder.Root);
        var json = new JsonObject
        {
            ["format"] = Format,
            ["format_version"] = Version,
            ["status"] = "running",
            ["created"] = Now(),
            ["command"] = new JsonArray(["alexnet", .. settings.Arguments.Select(a => JsonValue.Create(a))]),
            ["directory"] = Environment.CurrentDirectory,
            ["settings"] = settings.ToRunJson(TorchLibrary.Threads),
            ["versions"] = Versions(),
            ["data"] = origin,
            ["baselines"] = baselines is null ? null : BaselineText.ToJson(baselines),
        };
        if (settings.Transfer is not null)
        {
            // The file that it came from need not stay.
            json["architecture"] = model.GetConfig();
        }
        var record = new RunRecord(folder, held, json);
        record.Write();
        return record;
    }

    /// <summary>Opens the record of a run, to go on with it.</summary>
    /// <exception cref="LaminaException">There is no run, its record is damaged, or another process is at it.</exception>
    public static RunRecord Open(string path)
    {
        string file = Path.Combine(path, FileName);
        if (!File.Exists(file))
        {
            throw new LaminaException(
                $"{path}: is no run that can go on: there is no {FileName} in it. Name the folder that 'alexnet train' wrote."
            );
        }
        var held = RunLock.Take(path);
        try
        {
            return Read(
                path,
                () =>
                {
                    JsonObject json = JsonNode.Parse(File.ReadAllText(file))!.AsObject();
                    if (
                        json["format"]!.GetValue<string>() != Format
                        || json["format_version"]!.GetValue<int>() != Version
                    )
                    {
                        throw new LaminaException($"{file}: is of another version of alexnet. Use that one.");
                    }
                    var record = new RunRecord(RunFolder.Open(path), held, json);
                    record.Check();
                    return record;
                }
            );
        }
        catch
        {
            held.Dispose();
            throw;
        }
    }

    // What is read only later is looked at now, so that a damaged record is found before anything is computed.
    private void Check()
    {
        _ = Settings();
        _ = Baselines;
        _ = IsFinished;
        _ = _json["resumed"]?.AsArray();
        _ = _json["architecture"]?.AsObject();
        foreach (string part in (string[])["train", ValidationPart, "test"])
        {
            _ = ImagesIn(_json["data"]!, part);
        }
    }

    // A run that was validated on its test images has no validation images of its own.
    private static int ImagesIn(JsonNode data, string part) =>
        part == ValidationPart && data[part] is null ? 0 : data[part]!["images"]!.GetValue<int>();

    /// <summary>Reads from a record; whatever a damaged one makes of it becomes a line that says what to do.</summary>
    private static T Read<T>(string path, Func<T> read)
    {
        try
        {
            return read();
        }
        catch (Exception e) when (IsMalformed(e) || e is ConfigException)
        {
            string what = e switch
            {
                ConfigException => ErrorLine.OneLine(e.Message),
                JsonException json => FormattableString.Invariant($"it is not JSON from line {json.LineNumber + 1} on"),
                _ => "a value is missing or of a wrong kind",
            };
            throw new LaminaException(
                $"{Path.Combine(path, FileName)}: is damaged ({what.TrimEnd('.')}). Restore it, or begin a new run.",
                e
            );
        }
    }

    /// <summary>What the run was asked to do, with the threads that it computed with.</summary>
    public TrainSettings Settings() =>
        TrainSettings.FromRunJson(_json["settings"]!.AsObject()) with
        {
            Output = Folder.Root,
            Arguments = [.. _json["command"]!.AsArray().Skip(1).Select(a => a!.GetValue<string>())],
        };

    /// <summary>The model that a run began with which did not begin with one of the zoo's.</summary>
    public Model Architecture() => Read(Folder.Root, () => Model.FromConfig(_json["architecture"]!.AsObject()));

    /// <summary>The baselines that were computed when the run began; null of a run that has none.</summary>
    public Baselines? Baselines => _json["baselines"] is JsonObject baselines ? BaselineText.FromJson(baselines) : null;

    /// <summary>Checks that the data is what the run began with.</summary>
    /// <exception cref="LaminaException">It is not: which part, and what to do.</exception>
    public void RequireSame(DataSelection data, CancellationToken interrupt)
    {
        JsonObject then = _json["data"]!.AsObject();
        JsonObject now = Describe(data, interrupt);
        foreach (
            (string key, string what) in ((string, string)[])
                [("train", "training"), (ValidationPart, "validation"), ("test", "test")]
        )
        {
            if (JsonNode.DeepEquals(then[key], now[key]))
            {
                continue;
            }
            int before = ImagesIn(then, key);
            int after = ImagesIn(now, key);
            string counts =
                before == after
                    ? FormattableString.Invariant($"still {after} images, but not the same")
                    : FormattableString.Invariant($"{before} images then, {after} now");
            throw new LaminaException(
                $"{Folder.Root}: the {what} data has changed since the run began ({counts}; {data.Origin}). Restore it, or begin a new run."
            );
        }
    }

    /// <summary>What is another now than when the run began and may change the last bits; null if nothing.</summary>
    public string? VersionDifference()
    {
        JsonObject now = Versions();
        return
            _json["versions"] is JsonObject then
            && now.FirstOrDefault(v => !JsonNode.DeepEquals(v.Value, then[v.Key])) is { Key: { } key } changed
            ? $"this run began with {key.Replace('_', ' ')} {then[key]}, now {changed.Value}: its numbers may differ in their last digits."
            : null;
    }

    /// <summary>Notes that a process goes on with the run.</summary>
    public void Resume()
    {
        (_json["resumed"] ??= new JsonArray()).AsArray().Add((JsonNode)Now());
        SetStatus("running");
    }

    /// <summary>Notes how the run stands.</summary>
    public void SetStatus(string status, JsonObject? result = null)
    {
        _json["status"] = status;
        _json["updated"] = Now();
        if (result is not null)
        {
            _json["result"] = result;
        }
        Write();
        _lock.RemoveFile = IsFinished;
    }

    public void Dispose() => _lock.Dispose();

    private void Write() =>
        AtomicFile.WriteAllText(Path.Combine(Folder.Root, FileName), _json.ToJsonString(s_indented) + "\n");

    private string? Text(string key) => _json[key]?.GetValue<string>();

    private static string Now() =>
        DateTimeOffset.UtcNow.ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture);

    private static JsonObject Describe(DataSelection data, CancellationToken interrupt)
    {
        JsonObject json = data.Origin.ToJson();
        json["classes"] = new JsonArray([.. data.Classes.Select(c => JsonValue.Create(c))]);
        json["train"] = Part(data.Train);
        json["test"] = Part(data.Test);
        if (data.HasOwnValidation)
        {
            json[ValidationPart] = Part(data.Validation);
        }
        return json;

        // Every byte of a data set of hundreds of thousands of images would take longer to read than an epoch.
        JsonObject Part(LabeledImages images) =>
            new() { ["images"] = images.Count, ["sha256"] = images.Fingerprint(images.Count > MostToHash, interrupt) };
    }

    private static JsonObject Versions() =>
        new()
        {
            ["program"] = CommandLine.Version,
            ["dotnet"] = Environment.Version.ToString(),
            ["libtorch_abi"] = TorchLibrary.AbiVersion.ToString("x16", CultureInfo.InvariantCulture),
            ["os"] = RuntimeInformation.OSDescription,
            ["cpu"] = $"{RuntimeInformation.ProcessArchitecture} {CpuName()}".TrimEnd(),
        };

    private static string CpuName()
    {
        try
        {
            return File.ReadLines("/proc/cpuinfo")
                    .FirstOrDefault(l => l.StartsWith("model name", StringComparison.Ordinal))
                    ?.Split(':', 2)[^1]
                    .Trim()
                ?? "";
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return Environment.GetEnvironmentVariable("PROCESSOR_IDENTIFIER") ?? "";
        }
    }

    private static bool IsMalformed(Exception e) =>
        e
            is JsonException
                or NullReferenceException
                or InvalidOperationException
                or FormatException
                or ArgumentException
                or OverflowException
                or KeyNotFoundException
                or InvalidCastException;
}
