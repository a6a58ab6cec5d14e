using System.Text.Json.Nodes;
using static Lamina.Layers;

namespace Lamina.Torch.Tests.Training.Callbacks;

/// <summary>Plays logs to a callback, as Fit would, without training.</summary>
internal sealed class Script : IDisposable
{
    private readonly Callback _callback;
    private readonly int _epochs;

    public Script(Callback callback, int epochs = 100, double rate = 0.1)
    {
        (_callback, _epochs) = (callback, epochs);
        Compiled = Tiny().Compile(new Sgd(rate), "mse");
        callback.OnTrainBegin(Compiled);
    }

    public CompiledModel Compiled { get; }

    public Weight Kernel => Compiled.Model.Weights[0];

    /// <summary>Plays epochs until they end or the callback stops the training; the epochs played.</summary>
    public int Play(string key, double[] values, int from = 0, Action<int>? before = null)
    {
        for (int epoch = from; epoch < values.Length; epoch++)
        {
            before?.Invoke(epoch);
            _callback.OnEpochBegin(epoch);
            _callback.OnEpochEnd(Log(epoch, (key, values[epoch])));
            if (Compiled.StopTraining)
            {
                return epoch + 1;
            }
        }
        return values.Length;
    }

    public EpochLog Log(int epoch, params (string Key, double Value)[] logs) =>
        new(epoch, _epochs, TimeSpan.FromSeconds(1), 1, logs.ToDictionary(l => l.Key, l => l.Value));

    /// <summary>What a checkpoint would hold: as text, so that nothing but the text can carry over.</summary>
    public JsonObject State() => JsonNode.Parse(_callback.GetState()!.ToJsonString())!.AsObject();

    public void Dispose() => Compiled.Dispose();

    public static Model Tiny()
    {
        Symbol input = Input(2);
        return Model(input, Dense(1)(input));
    }
}

/// <summary>A folder for one test, removed after it.</summary>
internal sealed class Folder : IDisposable
{
    public string Root { get; } = Directory.CreateTempSubdirectory("lamina-callbacks-").FullName;

    public string this[string name] => Path.Combine(Root, name);

    public string[] Names =>
        [.. Directory.GetFileSystemEntries(Root).Select(p => Path.GetFileName(p)!).Order(StringComparer.Ordinal)];

    public void Dispose() => Directory.Delete(Root, recursive: true);
}
