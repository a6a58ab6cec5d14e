using static Lamina.Layers;

namespace Lamina.Formats.Tests;

public class PyTorchWeightsTests
{
    private static readonly string s_network = PyTorchGoldens.File("network.pth");

    /// <summary>The network of make_pth_goldens.py, whose layers have its modules' names or others.</summary>
    private static Model Network(bool isNamed = true, int classes = 3)
    {
        string? Named(string name) => isNamed ? name : null;
        Session.Clear();
        Symbol input = Input(4, 4, 2);
        Symbol x = Conv2D(4, 3, groups: 2, name: Named("conv"))(input);
        x = BatchNormalization(epsilon: 1e-5, name: Named("norm"))(x);
        x = Flatten()(x);
        x = BatchNormalization(epsilon: 1e-5, name: Named("norm1"))(x);
        x = Activation("relu")(x);
        x = Dropout(0.5)(x);
        return Model(input, Dense(classes, name: Named("head"))(x));
    }

    private static readonly string[] s_modules = ["conv", "norm", "norm1", "head"];

    // The network by hand: every index of PyTorch's layouts and of Lamina's is written out here.
    [Fact]
    public void Each_value_goes_where_Lamina_has_it()
    {
        Model model = Network();
        PyTorchFile.LoadWeights(model, s_network);
        IReadOnlyDictionary<string, Expected> e = PyTorchGoldens.All["network.pth"];
        Weight Of(string layer, string name) => model.GetLayer(layer).Weights.Single(w => w.Name == name);

        float[] kernel = Of("conv", "kernel").GetValues();
        for (int o = 0; o < 4; o++)
        {
            for (int h = 0; h < 3; h++)
            {
                for (int w = 0; w < 3; w++)
                {
                    Assert.Equal(e["conv.weight"].Floats[(o * 9) + (h * 3) + w], kernel[(((h * 3) + w) * 4) + o]);
                }
            }
        }
        Assert.Equal(e["conv.bias"].Floats, Of("conv", "bias").GetValues());
        Assert.Equal(e["norm.weight"].Floats, Of("norm", "gamma").GetValues());
        Assert.Equal(e["norm.running_var"].Floats, Of("norm", "moving_variance").GetValues());

        float[] head = Of("head", "kernel").GetValues();
        float[] mean = Of("norm1", "moving_mean").GetValues();
        for (int c = 0; c < 4; c++)
        {
            for (int p = 0; p < 4; p++)
            {
                int theirs = (c * 4) + p;
                int ours = (p * 4) + c;
                Assert.Equal(e["norm1.running_mean"].Floats[theirs], mean[ours]);
                for (int o = 0; o < 3; o++)
                {
                    Assert.Equal(e["head.weight"].Floats[(o * 16) + theirs], head[(ours * 3) + o]);
                }
            }
        }
    }

    [Theory]
    [InlineData(true, false)]
    [InlineData(false, true)]
    [InlineData(false, false)]
    public void Modules_are_found_by_layers_names_by_given_names_and_by_order(bool isNamed, bool areGiven)
    {
        Model expected = Network();
        PyTorchFile.LoadWeights(expected, s_network);
        Model model = Network(isNamed);
        PyTorchFile.LoadWeights(model, s_network, new PyTorchOptions { Modules = areGiven ? s_modules : null });
        AssertSame(expected, model);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void What_is_saved_is_what_PyTorch_saved(bool areGiven)
    {
        using var folder = new TempFolder();
        Model model = Network(isNamed: !areGiven);
        var options = new PyTorchOptions { Modules = areGiven ? s_modules : null };
        PyTorchFile.LoadWeights(model, s_network, options);
        PyTorchFile.SaveWeights(model, folder["n.pth"], options);
        IReadOnlyDictionary<string, NDArray> theirs = PyTorchFile.Load(s_network);
        IReadOnlyDictionary<string, NDArray> ours = PyTorchFile.Load(folder["n.pth"]);
        Assert.Equal(theirs.Keys, ours.Keys);
        foreach ((string name, NDArray tensor) in theirs)
        {
            Assert.Equal(tensor.Shape, ours[name].Shape);
            // Lamina counts no batches.
            float[] values = name.EndsWith("num_batches_tracked", StringComparison.Ordinal)
                ? [0]
                : tensor.Values.ToArray();
            Assert.Equal(values, ours[name].Values.ToArray());
        }
        Assert.Equal(
            PyTorchFile.Describe(s_network).Tensors.Select(t => t.ToString()),
            PyTorchFile.Describe(folder["n.pth"]).Tensors.Select(t => t.ToString())
        );
        Model again = Network(isNamed: false);
        PyTorchFile.LoadWeights(again, folder["n.pth"]);
        AssertSame(model, again);
    }

    [Fact]
    public void Lamina_s_own_names_are_written_by_default()
    {
        using var folder = new TempFolder();
        Model saved = SmallModel.Create();
        PyTorchFile.SaveWeights(saved, folder["s.pth"]);
        Assert.Equal(
            [
                "conv.weight",
                "conv.bias",
                "batch_normalization.weight",
                "batch_normalization.bias",
                "batch_normalization.running_mean",
                "batch_normalization.running_var",
                "batch_normalization.num_batches_tracked",
                "nested.conv.weight",
                "nested.conv.bias",
                "dense.weight",
                "dense.bias",
            ],
            PyTorchFile.Describe(folder["s.pth"]).Tensors.Select(t => t.Name)
        );
        Model model = SmallModel.Create();
        PyTorchFile.LoadWeights(model, folder["s.pth"]);
        AssertSame(saved, model);
    }

    [Fact]
    public void Another_number_of_classes_names_the_head_unless_it_is_skipped()
    {
        Model model = Network(isNamed: false, classes: 5);
        float[][] before = [.. model.Weights.Select(w => w.GetValues())];
        OneLine.Error(
            () => PyTorchFile.LoadWeights(model, s_network),
            s_network,
            "'head.weight'",
            "(3, 16)",
            "3 classes",
            "dense (Dense)",
            "has 5",
            "skip dense"
        );
        Assert.Equal(before, model.Weights.Select(w => w.GetValues()));

        PyTorchFile.LoadWeights(model, s_network, new PyTorchOptions { Skip = ["dense"] });
        Model expected = Network();
        PyTorchFile.LoadWeights(expected, s_network);
        Assert.Equal(expected.GetLayer("norm1").Weights[3].GetValues(), model.Layers[4].Weights[3].GetValues());
        Assert.Equal(before[^2..], model.GetLayer("dense").Weights.Select(w => w.GetValues()));
        OneLine.Error(
            () => PyTorchFile.LoadWeights(model, s_network, new PyTorchOptions { Skip = ["head"] }),
            "no layer 'head'",
            "dense"
        );
    }

    [Fact]
    public void A_file_without_the_skipped_head_is_fine()
    {
        using var folder = new TempFolder();
        IReadOnlyDictionary<string, NDArray> all = PyTorchFile.Load(s_network);
        var body = all.Where(t => !t.Key.StartsWith("head", StringComparison.Ordinal)).ToDictionary();
        PyTorchFile.Save(body, folder["body.pth"]);
        foreach (bool isNamed in (bool[])[true, false])
        {
            Model model = Network(isNamed);
            string head = model.Layers[^1].Name;
            PyTorchFile.LoadWeights(model, folder["body.pth"], new PyTorchOptions { Skip = [head] });
            Assert.Equal(
                all["norm.bias"].Values.ToArray(),
                model.Layers[2].Weights.Single(w => w.Name == "beta").GetValues()
            );
            OneLine.Error(
                () => PyTorchFile.LoadWeights(model, folder["body.pth"]),
                folder["body.pth"],
                isNamed ? "'head.weight' (3, 16)" : "3 modules"
            );
        }
    }

    [Theory]
    [InlineData("conv.weight", null, "'conv.weight' (4, 1, 3, 3)", "conv (Conv2D) requires")]
    [InlineData(
        "conv.weight",
        "4,1,9",
        "'conv.weight' float32 (4, 1, 9)",
        "kernel (3, 3, 1, 4) is (4, 1, 3, 3) in PyTorch"
    )]
    [InlineData("norm.running_var", "5", "'norm.running_var' float32 (5,)", "moving_variance (4,)")]
    [InlineData("head.scale", "3", "'head.scale' float32 (3,)", "not one of the model's weights")]
    [InlineData("head.bias", null, "'head.bias' (3,)", "head (Dense) requires")]
    public void What_does_not_fit_is_named_and_nothing_is_set(string name, string? shape, params string[] says)
    {
        using var folder = new TempFolder();
        var tensors = PyTorchFile.Load(s_network).ToDictionary();
        tensors.Remove(name);
        if (shape is not null)
        {
            tensors[name] = new NDArray(Shape.Of([.. shape.Split(',').Select(int.Parse)]));
        }
        PyTorchFile.Save(tensors, folder["bad.pth"]);
        Model model = Network();
        float[][] before = [.. model.Weights.Select(w => w.GetValues())];
        OneLine.Error(() => PyTorchFile.LoadWeights(model, folder["bad.pth"]), [folder["bad.pth"], .. says]);
        Assert.Equal(before, model.Weights.Select(w => w.GetValues()));
    }

    [Fact]
    public void The_wrong_number_of_modules_or_names_is_an_error()
    {
        Model model = SmallModel.Create();
        OneLine.Error(
            () => PyTorchFile.LoadWeights(model, PyTorchGoldens.File("model.pth")),
            "has 1 module with weights: features.0; ",
            "4 layers with weights: conv, batch_normalization, nested.conv, dense. "
        );
        OneLine.Error(
            () => PyTorchFile.SaveWeights(model, "/none", new PyTorchOptions { Modules = ["a"] }),
            "1 names",
            "4 layers"
        );
    }

    [Fact]
    public void Flattened_features_keep_their_order_through_joins_and_are_refused_where_it_is_lost()
    {
        using var folder = new TempFolder();
        Session.Clear();
        Symbol input = Input(2, 2, 3);
        Symbol x = Concatenate()(Flatten()(input), Dense(2, name: "side")(Flatten()(input)), Flatten()(input));
        Model model = Model(input, Dense(1, useBias: false, name: "joined")(x));
        Weight kernel = model.GetLayer("joined").Weights[0];
        kernel.SetValues([.. Enumerable.Range(0, 26).Select(i => (float)i)]);
        PyTorchFile.SaveWeights(model, folder["j.pth"]);
        float[] block = [0, 3, 6, 9, 1, 4, 7, 10, 2, 5, 8, 11];
        Assert.Equal(
            [.. block, 12, 13, .. block.Select(v => v + 14)],
            PyTorchFile.Load(folder["j.pth"])["joined.weight"].Values.ToArray()
        );
        Model again = Lamina.Model.FromConfig(model.GetConfig());
        PyTorchFile.LoadWeights(again, folder["j.pth"]);
        Assert.Equal(kernel.GetValues(), again.GetLayer("joined").Weights[0].GetValues());

        Symbol part = Slice(0, 5)(Flatten()(input));
        Model lost = Model(input, Dense(1, name: "lost")(part));
        OneLine.Error(() => PyTorchFile.SaveWeights(lost, folder["l.pth"]), "lost (Dense)", "slice (Slice)", "unknown");
    }

    private static void AssertSame(Model expected, Model actual) =>
        Assert.Equal(expected.Weights.Select(w => w.GetValues()), actual.Weights.Select(w => w.GetValues()));
}
