using static Lamina.Layers;

namespace Lamina.Torch.Tests.Training.Losses;

/// <summary>The mean loss of arrays and its gradient, computed by the plans that evaluate and train a model.</summary>
/// <param name="Value">The mean loss.</param>
/// <param name="Gradient">The gradient of the mean loss by the array that the model is fed.</param>
internal sealed record LossRun(double Value, float[] Gradient)
{
    /// <summary>Computes a loss of a model without weights.</summary>
    /// <param name="loss">The loss.</param>
    /// <param name="input">The input of the model, one row per sample.</param>
    /// <param name="target">The targets.</param>
    /// <param name="device">The device.</param>
    /// <param name="head">The model. Default: its output is its input.</param>
    public static LossRun Of(
        Loss loss,
        NDArray input,
        NDArray target,
        Device device = default,
        Func<Symbol, Symbol>? head = null
    )
    {
        Symbol x = Input([.. input.Shape.Sample]);
        Model model = Model(x, (head ?? (s => Activation("linear")(s)))(x));
        model.Compile(new Sgd(), loss, device: device);
        double value = model.TestOnBatch(input, target)["loss"];

        BoundObjective bound = Objective.Alone(model, loss).Bind([target.Shape], []);
        using var function = new GradientFunction(
            bound.Targets[1],
            [x],
            bound.Inputs,
            new GradientOptions { Device = device }
        );
        NDArray rows = target.Shape.Rank == 1 ? target.Reshape([target.Count, 1]) : target;
        GradientResult result = function.Run(input, rows);
        int count = result.Loss.Values.Length;
        return new LossRun(value, [.. result.Gradients[0].Values.ToArray().Select(g => g / count)]);
    }

    /// <summary>Returns the names of the ops that training with a loss computes beside the model's.</summary>
    public static string[] OpsOf(Loss loss, Symbol input, Symbol output, Shape target)
    {
        BoundObjective bound = Objective.Alone(Model(input, output), loss).Bind([target], []);
        return [.. bound.TrainingGraph().Nodes.Select(n => n.Op.Name)];
    }
}
