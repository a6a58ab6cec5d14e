using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using Lamina.Runs.Data;
using Lamina.Runs.Folder;
using Lamina.Runs.Results;
using Lamina.Runs.Text;
using Lamina.Torch;

namespace Lamina.Runs.Training;

/// <summary>
/// The record of a run, <c>run.json</c>: what made it (command, settings, seed, versions, data) and its status, from which it
/// can be resumed. Holds the run's lock.
/// </summary>
internal sealed class RunRecord : IDisposable
{
    public const string FileName = RunFolder.RecordName;
    private const string Format = "lamina-run";
    private const int Version = 1;
    public const string PausedStatus = "paused";
    public const string ValidationPart = "validation_images";
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

    /// <summary>Returns the checksum of a part of the run's images.</summary>
    /// <param name="part"><c>train</c>, <c>test</c> or <see cref="ValidationPart"/>.</param>
    public string FingerprintOf(string part) => _json.Object("data").Object(part).Text("sha256");

    /// <summary><see langword="true"/> if the run has finished.</summary>
    public bool IsFinished => _json.Text("status") == "finished";

    /// <summary><see langword="true"/> if the run was left after the epochs that were asked for.</summary>
    public bool IsPaused => _json.Text("status") == PausedStatus;

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
        var folder = RunFolder.Create(settings.Options.Output, settings.Model, DateTimeOffset.Now);
        var held = RunLock.Take(folder.Root);
        var json = new JsonObject
        {
            ["format"] = Format,
            ["format_version"] = Version,
            ["status"] = "running",
            ["created"] = Now(),
            ["command"] = new JsonArray([.. settings.Options.Command.Select(a => JsonValue.Create(a))]),
            ["directory"] = Environment.CurrentDirectory,
            ["settings"] = settings.ToRunJson(TorchLibrary.Threads),
            ["versions"] = RunVersions.Of(),
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
                $"{path}: is not a run that can be resumed: it contains no {FileName}. Name a run folder."
            );
        }
        var held = RunLock.Take(path);
        try
        {
            return Read(
                path,
                () =>
                {
                    JsonObject json = Parse(file);
                    if (json.Text("format") != Format || json.Whole("format_version") != Version)
                    {
                        throw new LaminaException($"{file}: was written by another version of Lamina. Use that one.");
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
        _ = Resumed;
        _ = _json.OptionalObject("architecture");
        foreach (string part in (string[])["train", ValidationPart, "test"])
        {
            _ = ImagesIn(_json.Object("data"), part);
        }
    }

    private static JsonObject Parse(string file) =>
        JsonNode.Parse(File.ReadAllText(file), documentOptions: new() { AllowDuplicateProperties = false })
            as JsonObject
        ?? throw new ConfigException("it is not a JSON object");

    private JsonArray? Resumed =>
        _json["resumed"] switch
        {
            null => null,
            JsonArray times => times,
            _ => throw new ConfigException("'resumed' is not a list"),
        };

    // A run that was validated on its test images has no validation images of its own.
    private static int ImagesIn(JsonObject data, string part) =>
        part == ValidationPart && data[part] is null ? 0 : data.Object(part).Whole("images");

    /// <summary>Reads from a record; whatever a damaged one makes of it becomes a line that says what to do.</summary>
    private static T Read<T>(string path, Func<T> read)
    {
        try
        {
            return read();
        }
        catch (Exception e) when (e is ConfigException or JsonException)
        {
            string what = e is JsonException json
                ? FormattableString.Invariant($"it is not JSON from line {json.LineNumber + 1} on")
                : OneLine.Of(e.Message);
            throw new LaminaException(
                $"{Path.Combine(path, FileName)}: is damaged ({what.TrimEnd('.')}). Restore it, or begin a new run.",
                e
            );
        }
    }

    /// <summary>Returns the settings of the run, with its number of threads.</summary>
    public TrainSettings Settings()
    {
        var settings = TrainSettings.FromRunJson(_json.Object("settings"));
        return settings with
        {
            Options = settings.Options with { Output = Folder.Root, Command = _json.Texts("command") },
        };
    }

    /// <summary>Builds the model that the run began with, if that was not one of the zoo's.</summary>
    public Model Architecture() => Read(Folder.Root, () => Model.FromConfig(_json.Object("architecture")));

    /// <summary>The baselines that were computed when the run began; null of a run that has none.</summary>
    public Baselines? Baselines =>
        _json.OptionalObject("baselines") is { } baselines ? BaselineText.FromJson(baselines) : null;

    /// <summary>Sets the baselines of a run that began without them.</summary>
    public void SetBaselines(Baselines baselines) => _json["baselines"] = BaselineText.ToJson(baselines);

    /// <summary>Checks that the data is what the run began with.</summary>
    /// <exception cref="LaminaException">It is not: which part, and what to do.</exception>
    public void RequireSame(DataSelection data, CancellationToken interrupt)
    {
        JsonObject then = _json.Object("data");
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

    /// <summary>Returns the versions that differ from those at the start of the run and may change the last bits; null if none.</summary>
    public string? VersionDifference()
    {
        JsonObject now = RunVersions.Of();
        return
            _json["versions"] is JsonObject then
            && now.FirstOrDefault(v => !JsonNode.DeepEquals(v.Value, then[v.Key])) is { Key: { } key } changed
            ? $"this run began with {key.Replace('_', ' ')} {then[key]}, now {changed.Value}: its numbers may differ in their last digits."
            : null;
    }

    /// <summary>Notes that a process goes on with the run.</summary>
    public void Resume()
    {
        JsonArray times = Resumed ?? [];
        _json["resumed"] ??= times;
        times.Add((JsonNode)Now());
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
}
