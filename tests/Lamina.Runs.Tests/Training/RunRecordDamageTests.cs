using System.Text.Json.Nodes;
using Lamina.Runs.Data;
using Lamina.Runs.Training;
using static Lamina.Layers;

namespace Lamina.Runs.Tests.Training;

/// <summary>Damage to <c>run.json</c>: a line that says what and where, whatever value is missing or of another kind.</summary>
public sealed class RunRecordDamageTests : IDisposable
{
    private static readonly Func<JsonNode?>[] s_replacements =
    [
        () => null,
        () => "words",
        () => -1,
        () => 1e300,
        () => true,
        () => new JsonArray(),
        () => new JsonObject(),
    ];

    private readonly TempFolder _folder = new();
    private readonly DataSelection _data;
    private readonly string _run;
    private readonly Symbol _input = Input(4, 4, 1);

    public RunRecordDamageTests()
    {
        _data = DataSelection.Open(
            _folder.WriteImages("data", perClass: 3),
            null,
            null,
            0.4,
            0,
            TestContext.Current.CancellationToken
        );
        _run = _folder["run"];
        using var record = RunRecord.Begin(
            new TrainSettings(
                new TrainOptions
                {
                    Data = _folder["data"],
                    Recipe = Recipe.Get("tutorial"),
                    Output = _run,
                    Command = ["alexnet", "train"],
                }
            ),
            _data,
            Model(_input, Dense(2)(Flatten()(_input))),
            null,
            CancellationToken.None
        );
        record.SetStatus("interrupted");
    }

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Any_value_that_is_missing_or_of_another_kind_is_damage()
    {
        string file = Path.Combine(_run, RunRecord.FileName);
        string whole = File.ReadAllText(file);
        Use();
        string[][] places = [.. Places(JsonNode.Parse(whole)!, [])];
        Assert.True(places.Length > 50);
        int refused = 0;
        foreach (string[] place in places)
        {
            foreach (Func<JsonNode?>? replacement in (Func<JsonNode?>?[])[.. s_replacements, null])
            {
                JsonNode damaged = JsonNode.Parse(whole)!;
                Change(damaged, place, replacement);
                File.WriteAllText(file, damaged.ToJsonString());
                refused += IsRefused(string.Join('.', place)) ? 1 : 0;
            }
        }
        Assert.True(refused > 4 * places.Length, $"{refused} of {8 * places.Length} were noticed");
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(300)]
    public void A_record_that_is_cut_is_damage(int length)
    {
        string file = Path.Combine(_run, RunRecord.FileName);
        File.WriteAllText(file, File.ReadAllText(file)[..length]);
        Assert.Matches(
            @"run\.json: is damaged \(it is not JSON from line \d+ on\)\. Restore it, or begin a new run\.$",
            Assert
                .Throws<LaminaException>(() => Run.Resume(_run, cancellation: TestContext.Current.CancellationToken))
                .Message
        );
    }

    private bool IsRefused(string place)
    {
        try
        {
            Use();
            return false;
        }
        catch (LaminaException e)
        {
            foreach (string leak in (string[])["Object reference", "System.", "LineNumber", "\n"])
            {
                Assert.DoesNotContain(leak, e.Message, StringComparison.Ordinal);
            }
            return true;
        }
        catch (Exception e)
        {
            Assert.Fail($"{place}: {e}");
            throw;
        }
    }

    private void Use()
    {
        using var record = RunRecord.Open(_run);
        _ = record.IsFinished;
        _ = record.Settings();
        record.RequireSame(_data, CancellationToken.None);
        _ = record.VersionDifference();
        record.Resume();
    }

    private static IEnumerable<string[]> Places(JsonNode node, string[] at)
    {
        IEnumerable<(string Key, JsonNode? Value)> children = node switch
        {
            JsonObject o => o.Select(p => (p.Key, p.Value)),
            JsonArray a => a.Select((v, i) => ($"{i}", v)),
            _ => [],
        };
        foreach ((string key, JsonNode? value) in children)
        {
            string[] place = [.. at, key];
            yield return place;
            foreach (string[] inner in value is null ? [] : Places(value, place))
            {
                yield return inner;
            }
        }
    }

    private static void Change(JsonNode root, string[] place, Func<JsonNode?>? replacement)
    {
        JsonNode parent = place[..^1].Aggregate(root, (n, key) => n is JsonArray a ? a[int.Parse(key)]! : n[key]!);
        if (parent is JsonArray array)
        {
            array[int.Parse(place[^1])] = replacement?.Invoke();
        }
        else if (replacement is null)
        {
            parent.AsObject().Remove(place[^1]);
        }
        else
        {
            parent[place[^1]] = replacement();
        }
    }
}
