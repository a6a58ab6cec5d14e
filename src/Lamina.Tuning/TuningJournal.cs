using System.Text.Json;
using System.Text.Json.Nodes;
using Lamina.Runs.Folder;
using Lamina.Runs.Text;

namespace Lamina.Tuning;

/// <summary>The trials of a search, written to its folder after every change: as JSON, and as a table.</summary>
internal sealed class TuningJournal
{
    public const string FileName = "tuning.json";
    public const string TableName = "trials.csv";
    private const string Format = "lamina-tuning";
    private const int Version = 1;

    private static readonly JsonSerializerOptions s_indented = new()
    {
        WriteIndented = true,
        NewLine = "\n",
        Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
    };

    private readonly TuningOptions _options;
    private readonly JsonObject _settings;
    private readonly OrderedDictionary<string, JsonNode> _parameters = new(StringComparer.Ordinal);
    private readonly List<Trial> _trials = [];

    private TuningJournal(TuningOptions options, JsonObject settings) => (_options, _settings) = (options, settings);

    /// <summary>The trials, in the order in which they were begun.</summary>
    public IReadOnlyList<Trial> Trials => _trials;

    /// <summary>The names of the hyperparameters, in the order in which they were first asked for.</summary>
    public IReadOnlyList<string> Parameters => _parameters.Keys;

    /// <summary>Returns <see langword="true"/> if the values of a hyperparameter are drawn by their logarithms.</summary>
    public bool IsLogarithmic(string parameter) => (string?)_parameters[parameter]["sampling"] == "log";

    /// <summary>Returns the names of a hyperparameter's values; <see langword="null"/> of a range.</summary>
    public IReadOnlyList<string>? Choices(string parameter) =>
        _parameters[parameter]["choices"] is JsonArray choices
            ? [.. choices.Select(c => HyperValue.Short(HyperValue.FromJson(c)))]
            : null;

    /// <summary>Returns <see langword="true"/> if a folder has a journal.</summary>
    public static bool Exists(string folder) => File.Exists(Path.Combine(folder, FileName));

    /// <summary>Opens the journal of a search's folder, or begins one.</summary>
    /// <exception cref="LaminaException">The journal is damaged, or is that of another search.</exception>
    public static TuningJournal Open(TuningOptions options, IReadOnlyDictionary<string, string> description)
    {
        var settings = new JsonObject
        {
            ["search"] = options.Plan.Name,
            ["epochs"] = options.Plan.Epochs,
            ["objective"] = options.Objective.Name,
            ["direction"] = options.Objective.IsMaximized ? "max" : "min",
            ["seed"] = options.Seed,
        };
        foreach ((string key, string value) in description)
        {
            settings[key] = value;
        }
        var journal = new TuningJournal(options, settings);
        string file = Path.Combine(options.Folder, FileName);
        if (File.Exists(file))
        {
            journal.Read(file);
        }
        else if (
            Directory.Exists(options.Folder)
            && Directory.EnumerateFileSystemEntries(options.Folder).Any(e => Path.GetFileName(e) != RunLock.FileName)
        )
        {
            throw new LaminaException(
                $"{options.Folder}: is not empty, and contains no search to go on with. Use another folder."
            );
        }
        return journal;
    }

    /// <summary>Returns trials with the best first: more epochs, then a better score; failed ones are last.</summary>
    public IEnumerable<Trial> Ranked(IEnumerable<Trial> trials) =>
        trials
            .OrderBy(t => t.Failure is null ? 0 : 1)
            .ThenByDescending(t => t.Epochs)
            .ThenBy(t => t.Score is { } score ? _options.Objective.Order(score) : 0)
            .ThenBy(t => t.Number);

    /// <summary>Returns <see langword="true"/> if a trial has these values.</summary>
    public bool Contains(IReadOnlyDictionary<string, object> values) =>
        _trials.Any(t =>
            t.Values.Count == values.Count
            && values.All(v => t.Values.TryGetValue(v.Key, out object? value) && value.Equals(v.Value))
        );

    /// <summary>Adds a trial.</summary>
    public Trial Add(int number, HyperParameters hyperParameters, string? failure)
    {
        foreach (HyperParameter parameter in hyperParameters.Definitions)
        {
            _parameters.TryAdd(parameter.Name, parameter.ToJson());
        }
        var trial = new Trial(number, hyperParameters.Values) { Failure = failure };
        _trials.Add(trial);
        Write();
        return trial;
    }

    /// <summary>Adds a score to a trial.</summary>
    public void Score(Trial trial, TrialScore score)
    {
        trial.Add(score);
        Write();
    }

    /// <summary>Notes that a trial failed.</summary>
    public void Fail(Trial trial, string reason)
    {
        trial.Failure = OneLine.Of(reason);
        Write();
    }

    /// <summary>Writes the journal and the table.</summary>
    public void Write()
    {
        var json = new JsonObject
        {
            ["format"] = Format,
            ["format_version"] = Version,
            ["command"] = new JsonArray([.. _options.Command.Select(a => JsonValue.Create(a))]),
            ["settings"] = _settings.DeepClone(),
            ["parameters"] = new JsonObject(
                _parameters.Select(p => KeyValuePair.Create(p.Key, (JsonNode?)p.Value.DeepClone()))
            ),
            ["trials"] = new JsonArray([.. _trials.Select(ToJson)]),
        };
        AtomicFile.WriteAllText(Path.Combine(_options.Folder, FileName), json.ToJsonString(s_indented) + "\n");
        AtomicFile.WriteAllText(
            Path.Combine(_options.Folder, TableName),
            TuningTable.ToCsv(_options.Objective, Parameters, [.. Ranked(_trials)])
        );
    }

    private static JsonObject ToJson(Trial trial)
    {
        var json = new JsonObject
        {
            ["number"] = trial.Number,
            ["values"] = new JsonObject(
                trial.Values.Select(v => KeyValuePair.Create(v.Key, (JsonNode?)HyperValue.ToJson(v.Value)))
            ),
            ["scores"] = new JsonArray([
                .. trial.Scores.Select(s => new JsonObject
                {
                    ["epochs"] = s.Epochs,
                    ["score"] = s.Score,
                    ["seconds"] = Math.Round(s.Elapsed.TotalSeconds, 3),
                }),
            ]),
        };
        if (trial.Failure is not null)
        {
            json["failure"] = trial.Failure;
        }
        return json;
    }

    private void Read(string file)
    {
        try
        {
            JsonObject json =
                JsonNode.Parse(File.ReadAllText(file), documentOptions: new() { AllowDuplicateProperties = false })
                    as JsonObject
                ?? throw new ConfigException("it is not a JSON object");
            if (json.Text("format") != Format || json.Whole("format_version") != Version)
            {
                throw new LaminaException($"{file}: was written by another version of Lamina. Use that one.");
            }
            RequireSame(json.Object("settings"));
            foreach ((string name, JsonNode? definition) in json.Object("parameters"))
            {
                _parameters.Add(name, definition?.DeepClone() ?? new JsonObject());
            }
            _trials.AddRange(Objects(json, "trials").Select(Trial));
        }
        catch (Exception e) when (e is ConfigException or JsonException)
        {
            string what = e is JsonException bad
                ? FormattableString.Invariant($"it is not JSON from line {bad.LineNumber + 1} on")
                : OneLine.Of(e.Message);
            throw new LaminaException(
                $"{file}: is damaged ({what.TrimEnd('.')}). Restore it, or begin a new search in another folder.",
                e
            );
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new LaminaException($"{file}: cannot be read ({OneLine.Of(e.Message)})", e);
        }
    }

    private Trial Trial(JsonObject json, int index)
    {
        int number = json.Whole("number");
        if (number != index + 1)
        {
            throw new ConfigException($"trial {index + 1} has the number {number}");
        }
        var values = new OrderedDictionary<string, object>(StringComparer.Ordinal);
        foreach ((string name, JsonNode? value) in json.Object("values"))
        {
            values.Add(name, HyperValue.FromJson(value));
        }
        var trial = new Trial(number, values) { Failure = json.OptionalText("failure") };
        foreach (JsonObject score in Objects(json, "scores"))
        {
            trial.Add(
                new TrialScore(
                    score.Whole("epochs"),
                    score.Real("score"),
                    TimeSpan.FromSeconds(Math.Clamp(score.Real("seconds"), 0, 1e9))
                )
            );
        }
        return trial;
    }

    private static IEnumerable<JsonObject> Objects(JsonObject json, string key) =>
        json[key] is JsonArray array && array.All(i => i is JsonObject)
            ? array.Select(i => i!.AsObject())
            : throw new ConfigException($"'{key}' is not a list of objects");

    private void RequireSame(JsonObject before)
    {
        string? key = _settings
            .Select(s => s.Key)
            .Union(before.Select(s => s.Key))
            .FirstOrDefault(k => !JsonNode.DeepEquals(before[k], _settings[k]));
        if (key is not null)
        {
            throw new LaminaException(
                $"{_options.Folder}: contains a search with {key.Replace('_', ' ')} {Text(before[key])}, now {Text(_settings[key])}. Use the same, or another folder."
            );
        }

        static string Text(JsonNode? node) =>
            node is null ? "none"
            : node.GetValueKind() == JsonValueKind.String ? $"'{node.GetValue<string>()}'"
            : node.ToJsonString();
    }
}
