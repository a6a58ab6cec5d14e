// Extends Lamina with a loss, an optimizer, a metric, a schedule, an augmentation and an initializer, each in its own file.
// This file trains with them, saves, and continues from the saved state.

using Extending;
using Lamina;
using static Lamina.Layers;

// Checkpoints and saved models name classes; what is not built in is registered once.
Initializers.Register<LecunNormal>();
LearningRateSchedule.Register("triangular", Triangular.Read);

string folder = Directory.CreateTempSubdirectory("lamina-extending-").FullName;
(NDArray x, NDArray y) = Stripes.Make(samples: 64);

Symbol input = Input(8, 8, 1);
Symbol hidden = Conv2D(8, 3, activation: "relu", kernelInitializer: new LecunNormal())(input);
Model model = Model(input, Dense(2, activation: "softmax")(Flatten()(hidden)));
model.Compile(
    new SignMomentum() { Schedule = new Triangular(1e-4, 2e-3, HalfCycle: 8) },
    new FocalLoss(gamma: 2),
    ["accuracy", new F1(positive: 1)]
);

// Stopped in the middle of the third epoch…
using var stop = new CancellationTokenSource();
var stopper = new LambdaCallback(onTrainBatchEnd: log =>
{
    if (log is { Epoch: 2, Batch: 2 })
    {
        stop.Cancel();
    }
});
History first = model.Fit(
    x,
    y,
    batchSize: 16,
    epochs: 6,
    callbacks: [stopper, new BackupAndRestore(folder)],
    verbose: 0,
    cancellation: stop.Token
);
Console.WriteLine(
    $"{first.Epochs.Count} epochs: loss {first.Epochs[^1].Logs["loss"]:F4}, F1 {first.Epochs[^1].Logs["f1"]:F4}"
);

// …and continued from there, with the optimizer's momentum and the sums of F1.
History all = model.Fit(x, y, batchSize: 16, epochs: 6, callbacks: [new BackupAndRestore(folder)], verbose: 0);
Console.WriteLine(
    $"{all.Epochs.Count} epochs: loss {all.Epochs[^1].Logs["loss"]:F4}, F1 {all.Epochs[^1].Logs["f1"]:F4}"
);

// A training that ends removes its checkpoints, and the folder that is then empty.
if (Directory.Exists(folder))
{
    Directory.Delete(folder, recursive: true);
}
