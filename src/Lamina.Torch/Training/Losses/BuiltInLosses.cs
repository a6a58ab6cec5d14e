using System.Text.Json.Nodes;

namespace Lamina.Torch;

/// <summary>The losses of this library, by their names in Keras.</summary>
internal static class BuiltInLosses
{
    private static readonly Entry[] s_all =
    [
        new(SparseCategoricalCrossentropy.Key, [], r => new SparseCategoricalCrossentropy(Logits(r), Smoothing(r))),
        new(CategoricalCrossentropy.Key, [], r => new CategoricalCrossentropy(Logits(r), Smoothing(r))),
        new(BinaryCrossentropy.Key, ["bce", "BCE"], r => new BinaryCrossentropy(Logits(r), Smoothing(r))),
        new(
            BinaryFocalCrossentropy.Key,
            [],
            r => new BinaryFocalCrossentropy(
                r.Flag("apply_class_balancing", false),
                r.Number("alpha", 0.25, 0, 1),
                r.Number("gamma", 2),
                Logits(r),
                Smoothing(r)
            )
        ),
        new(
            CategoricalFocalCrossentropy.Key,
            [],
            r => new CategoricalFocalCrossentropy(
                r.Number("alpha", 0.25),
                r.Number("gamma", 2),
                Logits(r),
                Smoothing(r)
            )
        ),
        new(MeanSquaredError.Key, ["mse", "MSE"], _ => new MeanSquaredError()),
        new(MeanAbsoluteError.Key, ["mae", "MAE"], _ => new MeanAbsoluteError()),
        new(MeanAbsolutePercentageError.Key, ["mape", "MAPE"], _ => new MeanAbsolutePercentageError()),
        new(MeanSquaredLogarithmicError.Key, ["msle", "MSLE"], _ => new MeanSquaredLogarithmicError()),
        new(Huber.Key, ["huber_loss"], ReadHuber),
        new(LogCosh.Key, ["logcosh"], _ => new LogCosh()),
        new(KLDivergence.Key, ["kld", "KLD", "kullback_leibler_divergence"], _ => new KLDivergence()),
        new(CosineSimilarity.Key, [], _ => new CosineSimilarity()),
        new(Poisson.Key, [], _ => new Poisson()),
        new(Hinge.Key, [], _ => new Hinge()),
        new(SquaredHinge.Key, [], _ => new SquaredHinge()),
        new(CategoricalHinge.Key, [], _ => new CategoricalHinge()),
    ];

    /// <summary>The names in configs.</summary>
    public static string[] Keys { get; } = [.. s_all.Select(e => e.Key)];

    /// <summary>Returns the loss with this name or abbreviation; <see langword="null"/> if there is none.</summary>
    public static Loss? Find(string name) =>
        s_all.FirstOrDefault(e => e.Key == name || e.Aliases.Contains(name)) is { } entry
            ? entry.Read(new ConfigReader([], entry.Key))
            : null;

    /// <summary>Reads a loss from its config.</summary>
    public static Loss Read(JsonObject config)
    {
        var reader = new ConfigReader(config, "loss");
        string name = reader.Name(Keys);
        Loss loss = s_all.First(e => e.Key == name).Read(reader);
        reader.Done();
        return loss;
    }

    private static Huber ReadHuber(ConfigReader reader)
    {
        double delta = reader.Number("delta", 1);
        return delta > 0 ? new Huber(delta) : throw reader.Error("'delta' is 0; it must be above 0.");
    }

    private static bool Logits(ConfigReader reader) => reader.Flag("from_logits", false);

    private static double Smoothing(ConfigReader reader) => reader.Number("label_smoothing", 0, 0, 1);

    private sealed record Entry(string Key, string[] Aliases, Func<ConfigReader, Loss> Read);
}
