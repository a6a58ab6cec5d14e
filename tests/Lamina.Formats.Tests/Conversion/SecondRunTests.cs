using static Lamina.Layers;

namespace Lamina.Formats.Tests.Conversion;

/// <summary>
/// The same code that runs twice in a process builds the same model under other counted names, and loads its own weights.
/// </summary>
public class SecondRunTests
{
    private static readonly Dictionary<string, Func<Model>> s_networks = new()
    {
        ["chain"] = () =>
        {
            Symbol input = Input(8, 8, 1);
            Symbol x = Conv2D(4, 3, padding: "same", activation: "relu")(input);
            x = Conv2D(4, 3, padding: "same", activation: "relu")(BatchNormalization()(x));
            x = Conv2D(4, 3, padding: "same", activation: "relu")(BatchNormalization()(x));
            x = Dense(6, activation: "relu")(Flatten()(MaxPool2D(2)(x)));
            return Model(input, Dense(3, activation: "softmax")(x));
        },
        ["branches"] = () =>
        {
            Symbol input = Input(8, 8, 2);
            // The layer that is created first comes last in the model.
            Call<Conv2D> last = Conv2D(2, 3, padding: "same");
            Symbol left = Conv2D(2, 3, padding: "same", activation: "relu")(input);
            Symbol right = Conv2D(2, 3, padding: "same", activation: "relu")(input);
            Symbol x = last(Add()(left, right));
            return Model(input, Dense(3)(Flatten()(x)));
        },
        ["some names"] = () =>
        {
            Symbol input = Input(6);
            Symbol x = Dense(6, activation: "relu", name: "hidden_2")(input);
            x = Dense(6, activation: "relu")(x);
            return Model(input, Dense(3, name: "head")(Dense(6)(x)));
        },
        ["nested"] = () =>
        {
            Symbol inner = Input(4, 4, 2);
            Model nested = Model(inner, Conv2D(2, 3, padding: "same", activation: "relu")(inner));
            Symbol input = Input(4, 4, 2);
            Symbol x = Conv2D(2, 3, padding: "same", activation: "relu")(nested.Apply(input));
            return Model(input, Dense(2)(Flatten()(x)));
        },
    };

    public static TheoryData<string, string> Cases =>
        [
            .. from format in ModelFormats.All
            where format is { CanSave: true, CanLoadWeights: true }
            from network in s_networks.Keys
            select (format.Name, network),
        ];

    [Theory]
    [MemberData(nameof(Cases))]
    public void Weights_load_into_the_model_that_the_same_code_builds_again(string name, string network)
    {
        using IDisposable scope = Session.BeginScope(seed: 3);
        using var folder = new TempFolder();
        ModelFormat format = ModelFormats.ByName(name)!;
        string path = folder["m" + format.Extensions[0]];
        Model saved = Drawn(s_networks[network]());
        format.Save(saved, path);
        for (int run = 2; run < 14; run++)
        {
            Model model = s_networks[network]();
            Assert.NotEqual(saved.Layers.Select(l => l.Name), model.Layers.Select(l => l.Name));
            format.LoadWeights(model, path);
            Assert.Equal(saved.Weights.Select(w => w.GetValues()), model.Weights.Select(w => w.GetValues()));
        }
    }

    [Theory]
    [InlineData("lamina")]
    [InlineData("safetensors")]
    [InlineData("tfjs")]
    public void Layers_that_were_named_match_by_name_alone(string name)
    {
        using IDisposable scope = Session.BeginScope();
        using var folder = new TempFolder();
        ModelFormat format = ModelFormats.ByName(name)!;
        string path = folder["m" + format.Extensions[0]];
        format.Save(Two("block_1", "block_2"), path);
        Model model = Two("block_2", "block_3");
        float[][] before = [.. model.Weights.Select(w => w.GetValues())];
        OneLine.Error(
            () => format.LoadWeights(model, path),
            "has no tensor 'block_3/kernel' (3, 3)",
            "The file has the layers block_1, block_2; the model has block_2, block_3."
        );
        OneLine.Error(() => format.LoadWeights(Two(null, null), path), "has no tensor 'dense/kernel' (3, 3)");
        Assert.Equal(before, model.Weights.Select(w => w.GetValues()));
        format.LoadWeights(Two("block_1", "block_2"), path);
    }

    [Theory]
    [InlineData("lamina")]
    [InlineData("safetensors")]
    [InlineData("tfjs")]
    public void Shapes_and_counts_must_be_the_models(string name)
    {
        using IDisposable scope = Session.BeginScope();
        using var folder = new TempFolder();
        ModelFormat format = ModelFormats.ByName(name)!;
        string path = folder["m" + format.Extensions[0]];
        format.Save(Two(null, null), path);
        Symbol input = Input(3);
        Symbol x = Dense(3)(input);
        Model wider = Model(input, Dense(4)(x));
        OneLine.Error(
            () => format.LoadWeights(wider, path),
            "tensor 'dense_1/kernel'",
            "does not match dense_3 (Dense), whose kernel is (3, 4)"
        );
        OneLine.Error(
            () => format.LoadWeights(Model(input, Dense(3)(input)), path),
            "has no tensor 'dense_4/kernel' (3, 3), which the model requires.",
            "The file has the layers dense, dense_1; the model has dense_4."
        );
    }

    [Fact]
    public void A_layer_of_a_second_run_is_skipped_with_its_counterpart()
    {
        using IDisposable scope = Session.BeginScope();
        using var folder = new TempFolder();
        Model saved = Drawn(Two(null, null));
        SafetensorsFile.SaveWeights(saved, folder["w"]);
        Symbol input = Input(3);
        Symbol x = Dense(3)(input);
        Model model = Model(input, Dense(5)(x));
        float[] head = model.Weights[2].GetValues();
        SafetensorsFile.LoadWeights(model, folder["w"], new PyTorchOptions { Skip = [model.Layers[^1].Name] });
        Assert.Equal(saved.Weights[0].GetValues(), model.Weights[0].GetValues());
        Assert.Equal(head, model.Weights[2].GetValues());
    }

    [Fact]
    public void A_file_of_neither_kind_of_names_is_described()
    {
        using IDisposable scope = Session.BeginScope();
        using var folder = new TempFolder();
        SafetensorsFile.Save(
            new Dictionary<string, NDArray> { ["kernel"] = new([3, 3]), ["bias"] = new([3]) },
            folder["w"]
        );
        OneLine.Error(
            () => SafetensorsFile.LoadWeights(Two(null, null), folder["w"]),
            "has tensors that name no module: kernel, bias; the model has 2 layers with weights: dense, dense_1."
        );
    }

    private static Model Two(string? first, string? second)
    {
        Symbol input = Input(3);
        Symbol x = Dense(3, name: first)(input);
        return Model(input, Dense(3, name: second)(x));
    }

    /// <summary>The model with other values in each weight, all positive, as variances must be.</summary>
    private static Model Drawn(Model model)
    {
        var random = new RandomStream(5, RandomPurpose.User);
        foreach (Weight weight in model.Weights)
        {
            var values = new float[weight.Count];
            foreach (ref float value in values.AsSpan())
            {
                value = 0.5f + random.NextSingle();
            }
            weight.SetValues(values);
        }
        return model;
    }
}
