using System.Text.Json.Nodes;

namespace Lamina.Cli.Tests.Transfer;

/// <summary>Training from another training's weights: it helps, what is frozen stays, and it goes on after an interrupt.</summary>
public sealed class TransferTests : IDisposable
{
    private readonly TempFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Weights_of_other_classes_beat_weights_drawn_at_random()
    {
        ClothesData.Write(_folder["tops"], [0, 2, 3, 5, 7, 8], train: 200, test: 10);
        ClothesData.Write(_folder["others"], [1, 4, 6, 9], train: 1, test: 50);
        ModelFile.Save(ClothesData.Network(6, seed: 1), _folder["start.lamina"]);
        ModelFile.Save(ClothesData.Network(4, seed: 1), _folder["scratch.lamina"]);

        string[] first = ["--epochs", "8", "--batch", "32", "--lr", "0.02", "--keep", "0", "--flip", "false"];
        Done([
            "train",
            _folder["tops"],
            "--weights",
            _folder["start.lamina"],
            "--output",
            _folder["tops-run"],
            .. first,
        ]);
        string[] second = ["--epochs", "2", "--batch", "4", "--lr", "0.02", "--keep", "0", "--flip", "false"];
        Done([
            "train",
            _folder["others"],
            "--weights",
            _folder["scratch.lamina"],
            "--output",
            _folder["alone"],
            .. second,
        ]);
        Outcome outcome = Done([
            "train",
            _folder["others"],
            "--weights",
            _folder["tops-run"],
            "--freeze",
            "features",
            "--output",
            _folder["transferred"],
            .. second,
        ]);
        Assert.Contains(
            "       weights " + _folder["tops-run"] + ", head dense_1 new: 4 classes in place of 6\n",
            outcome.Output,
            StringComparison.Ordinal
        );
        Assert.Contains(
            "       frozen: conv2d, conv2d_1, batch_normalization; ",
            outcome.Output,
            StringComparison.Ordinal
        );

        double alone = Accuracy("alone");
        double transferred = Accuracy("transferred");
        Assert.True(transferred >= alone + 0.15, $"{transferred} with other classes' weights, {alone} without");

        Dictionary<string, float[]> before = Weights("tops-run");
        Dictionary<string, float[]> after = Weights("transferred");
        foreach (string layer in (string[])["conv2d", "conv2d_1", "batch_normalization"])
        {
            string[] paths = [.. before.Keys.Where(p => p.StartsWith(layer + "/", StringComparison.Ordinal))];
            Assert.NotEmpty(paths);
            Assert.All(paths, p => Assert.Equal(before[p], after[p]));
        }
        Assert.NotEqual(before["dense/kernel"], after["dense/kernel"]);
        string summary = File.ReadAllText(Path.Combine(_folder["transferred"], "summary.txt"));
        Assert.Contains("Non-trainable params: 5,184\n", summary, StringComparison.Ordinal);
    }

    [Fact]
    public void Two_phases_interrupted_in_each_end_with_the_same_bytes()
    {
        ClothesData.Write(_folder["data"], [5, 7, 9], train: 20, test: 10);
        ModelFile.Save(ClothesData.Network(3, seed: 1), _folder["start.lamina"]);
        string[] training =
        [
            "train",
            _folder["data"],
            "--weights",
            _folder["start.lamina"],
            "--freeze",
            "features",
            "--unfreeze",
            "2",
            "--unfreeze-lr",
            "0.005",
            "--epochs",
            "4",
            "--batch",
            "10",
            "--checkpoint-every",
            "4",
        ];
        Outcome whole = Done([.. training, "--output", _folder["whole"]]);
        Assert.Contains("unfrozen: conv2d, conv2d_1; learning rate 0.005\n", whole.Output, StringComparison.Ordinal);

        string run = _folder["run"];
        Assert.Equal(130, Interrupted("epoch 1/", [.. training, "--output", run]).Code);
        // Its weights are not read again: a checkpoint is there.
        File.Delete(_folder["start.lamina"]);
        Assert.Equal(130, Interrupted("unfrozen: ", "train", "--resume", run).Code);
        Assert.Equal(130, Interrupted("epoch 3/", "train", "--resume", run).Code);
        Outcome resumed = Done("train", "--resume", run);
        Assert.Contains("going on in epoch 4 of 4", resumed.Output, StringComparison.Ordinal);
        foreach (string file in (string[])["weights.safetensors", "optimizer.safetensors", "architecture.json"])
        {
            Assert.Equal(
                File.ReadAllBytes(Path.Combine(_folder["whole"], "model", file)),
                File.ReadAllBytes(Path.Combine(run, "model", file))
            );
        }
        string[] lines = File.ReadAllLines(Path.Combine(run, "history.csv"));
        Assert.Equal(["epoch", "1", "2", "3", "4"], lines.Select(l => l.Split(',')[0]));
        Assert.Equal(Result("whole").ToJsonString(), Result("run").ToJsonString());
        Assert.False(Directory.Exists(Path.Combine(run, "checkpoints-frozen")));
        JsonNode transfer = Record("run")["settings"]!["transfer"]!;
        Assert.Equal(
            (2, 0.005),
            (transfer["unfreeze_after"]!.GetValue<int>(), transfer["unfreeze_rate"]!.GetValue<double>())
        );
    }

    [Fact]
    public void A_run_that_was_trained_frozen_is_fine_tuned_with_its_head_and_preprocessing()
    {
        ClothesData.Write(_folder["data"], [5, 7, 9], train: 20, test: 10);
        ModelFile.Save(
            ClothesData.Network(10, seed: 1),
            _folder["start.lamina"],
            new SaveOptions
            {
                Metadata = new JsonObject
                {
                    ["preprocessing"] = JsonNode.Parse(
                        new Preprocessing
                        {
                            Height = 28,
                            Width = 28,
                            Channels = 1,
                            Mean = [0.5],
                            Std = [0.25],
                        }.ToJson()
                    ),
                },
            }
        );
        string[] few = ["--epochs", "1", "--batch", "10", "--keep", "0"];
        Done([
            "train",
            _folder["data"],
            "--weights",
            _folder["start.lamina"],
            "--freeze",
            "backbone",
            "--output",
            _folder["head"],
            .. few,
        ]);
        Outcome tuned = Done([
            "train",
            _folder["data"],
            "--weights",
            _folder["head"],
            "--unfreeze",
            "--output",
            _folder["tuned"],
            .. few,
        ]);
        Assert.Contains("head head kept: 3 classes\n", tuned.Output, StringComparison.Ordinal);
        // What stays frozen is the normalization, as Keras's guide advises.
        Assert.Contains("frozen: batch_normalization, head_norm; ", tuned.Output, StringComparison.Ordinal);
        Assert.Contains("learning rate 0.0001 falling by a cosine", tuned.Output, StringComparison.Ordinal);
        JsonObject metadata = ModelFile.Load(Path.Combine(_folder["tuned"], "model")).Metadata;
        Preprocessing preprocessing = Preprocessing.FromJson(metadata["preprocessing"]!.ToJsonString());
        Assert.Equal([0.5], preprocessing.Mean);
        Assert.Equal(
            Weights("head")["batch_normalization/moving_mean"],
            Weights("tuned")["batch_normalization/moving_mean"]
        );
        Assert.NotEqual(Weights("head")["conv2d/kernel"], Weights("tuned")["conv2d/kernel"]);
    }

    [Fact]
    public void What_cannot_be_is_one_line_and_leaves_no_folder()
    {
        ClothesData.Write(_folder["data"], [5, 7], train: 6, test: 3);
        string start = _folder["start.lamina"];
        ModelFile.Save(ClothesData.Network(3, seed: 1), start);
        string weights = _folder["w.safetensors"];
        Session.Clear();
        WeightsFile.Save(Zoo.Build("d2l", new ZooOptions { InputSize = 65 }), weights);
        File.WriteAllText(_folder["text.bin"], "not a model");

        Refused(
            "--freeze conv9",
            "'conv9' is not a layer of model, which has input_1, conv2d, max_pooling2d, conv2d_1, batch_normalization, max_pooling2d_1, flatten, dense, dense_1; features and backbone and patterns such as conv* match several layers."
        );
        Refused("--freeze *", "freeze: every layer would be frozen. Leave at least the head to be trained.");
        Refused("--unfreeze 2", "unfreeze: nothing is frozen. Name layers to freeze, or leave unfreezing out.");
        Refused(
            "--unfreeze",
            $"{start}: nothing is frozen, so nothing can be unfrozen. Leave that out, or say after how many epochs and what to freeze until then."
        );
        Refused(
            "--freeze features --unfreeze 12 --epochs 12",
            "--unfreeze: 12 is not less than --epochs (12). Use fewer, or more --epochs."
        );
        Refused("--input 64", "--input: the model of --weights accepts 28×28 pixels only. Remove --input.");
        Refused("", $"--weights: {_folder["none"]}: no such file or run folder.", _folder["none"]);
        Refused(
            "",
            $"{_folder["text.bin"]}: is not a model file: Lamina reads {string.Join(", ", ModelFormats.All.Select(f => f.Name))}.",
            _folder["text.bin"]
        );
        Refused(
            "",
            $"{weights}: a safetensors file contains weights without a model. Set the model that they belong to ({string.Join(", ", Zoo.Names)}).",
            weights
        );
        Refused(
            "--model owt",
            $"{weights}: tensor 'conv2d/kernel' F32 (11, 11, 1, 96) does not match conv2d (Conv2D), whose kernel is (11, 11, 3, 64). Build the model like the saved one.",
            weights
        );
        Assert.False(Directory.Exists(_folder["run"]));

        void Refused(string args, string message, string? file = null)
        {
            Outcome outcome = Alexnet.Run([
                "train",
                _folder["data"],
                "--weights",
                file ?? start,
                "--output",
                _folder["run"],
                .. args.Split(' ', StringSplitOptions.RemoveEmptyEntries),
            ]);
            Assert.Equal((1, message), (outcome.Code, outcome.ErrorLine));
        }
    }

    [Theory]
    [InlineData("--freeze features", "--freeze: random weights cannot be frozen. Add --weights.")]
    [InlineData("--unfreeze 3", "--unfreeze: random weights cannot be frozen. Add --weights.")]
    [InlineData("--weights w --unfreeze-lr 0.1", "--unfreeze-lr: requires --unfreeze N or --finetune.")]
    [InlineData("--finetune", "--finetune: requires --pretrained or --weights.")]
    [InlineData(
        "--weights w --finetune --unfreeze 2",
        "--finetune: freezes and unfreezes layers by itself. Remove --freeze and --unfreeze."
    )]
    [InlineData("--features stages", "--features: requires --pretrained, --finetune or --freeze backbone.")]
    [InlineData(
        "--weights w --freeze conv2d --features last",
        "--features: requires --pretrained, --finetune or --freeze backbone."
    )]
    [InlineData("--pretrained resnet18 --features all", "--features: 'all' is not one of stages, last.")]
    [InlineData("--weights w --unfreeze x", "--unfreeze: 'x' is not a whole number from 1 to 1000000.")]
    public void Wrong_usage_is_one_line(string args, string message)
    {
        Outcome outcome = Alexnet.Run(["train", .. args.Split(' ')]);
        Assert.Equal((2, message + " See: alexnet train --help"), (outcome.Code, outcome.ErrorLine));
    }

    private static Outcome Done(params string[] args)
    {
        Outcome outcome = Alexnet.Run(args);
        Assert.Equal((0, ""), (outcome.Code, outcome.Error));
        return outcome;
    }

    /// <summary>Runs the program and asks it to end when a line begins so.</summary>
    private static Outcome Interrupted(string when, params string[] args)
    {
        Session.Clear();
        using var stop = new CancellationTokenSource();
        using var output = new StopWriter(when, stop);
        using var error = new StringWriter { NewLine = "\n" };
        int code = Program.Run(args, new Terminal(output, error, interrupt: stop.Token));
        return new Outcome(code, output.ToString(), error.ToString());
    }

    private double Accuracy(string run) => Result(run)["top1"]!.GetValue<double>();

    private JsonObject Result(string run) => Record(run)["result"]!.AsObject();

    private JsonObject Record(string run) =>
        JsonNode.Parse(File.ReadAllText(Path.Combine(_folder[run], "run.json")))!.AsObject();

    private Dictionary<string, float[]> Weights(string run) =>
        ModelFile.Load(Path.Combine(_folder[run], "model")).Model.Weights.ToDictionary(w => w.Path, w => w.GetValues());

    private sealed class StopWriter : StringWriter
    {
        private readonly string _when;
        private readonly CancellationTokenSource _stop;

        public StopWriter(string when, CancellationTokenSource stop)
        {
            (_when, _stop) = (when, stop);
            NewLine = "\n";
        }

        public override void WriteLine(string? value)
        {
            base.WriteLine(value);
            if (value?.StartsWith(_when, StringComparison.Ordinal) == true)
            {
                _stop.Cancel();
            }
        }
    }
}
