namespace Lamina.Torch.Tests.Training.Optimizers;

/// <summary>Steps that were worked by hand: y = x · w + b, the loss (y − t)², so the gradients are 2 (y − t) (x, 1).</summary>
public class HandWorkedStepTests
{
    // Caffe's: the paper's rule, biases at twice the rate and without decay. x = (1, 2), t = 1.
    // 1: y = 0.1, gradients −1.8, −3.6 and −1.8;
    //    v = −0.1 (−1.8 + 0.01 · 0.5) = 0.1795; −0.1 (−3.6 − 0.01 · 0.25) = 0.36025; of the bias −0.2 · −1.8 = 0.36.
    // 2: y = 0.6795 + 2 · 0.11025 + 0.46 = 1.36, gradients 0.72, 1.44 and 0.72;
    //    v = 0.9 · 0.1795 − 0.1 (0.72 + 0.006795) = 0.0888705; 0.9 · 0.36025 − 0.1 (1.44 + 0.0011025) = 0.18011475;
    //    of the bias 0.9 · 0.36 − 0.2 · 0.72 = 0.18.
    [Fact]
    public void Caffes_factors_on_the_papers_rule()
    {
        Model model = TinyModels.Line(0.5f, -0.25f, 0.1f);
        var sgd = new Sgd(0.1, momentum: 0.9, weightDecay: 0.01, rule: SgdRule.Paper) { Rules = [new("bias", 2, 0)] };
        using CompiledModel compiled = model.Compile(sgd, "mse");

        Step(model, 1, 2, 1);
        TinyModels.AssertNear([0.6795, 0.11025], model.Weights[0]);
        TinyModels.AssertNear([0.46], model.Weights[1]);
        Step(model, 1, 2, 1);
        TinyModels.AssertNear([0.7683705, 0.29036475], model.Weights[0]);
        TinyModels.AssertNear([0.64], model.Weights[1]);
    }

    // ε = 1, μ = 0.5, λ = 0.1, η = 0.1; x = (0.6, 0.8), t = 4.
    // 1: w = (3, 4), ‖w‖ = 5; y = 5, g = (1.2, 1.6), ‖g‖ = 2; local = 0.1 · 5 / (2 + 0.5) = 0.2;
    //    v = 0.2 (1.2 + 0.3, 1.6 + 0.4) = (0.3, 0.4). The bias: v = 2, as by SGD.
    // 2: w = (2.7, 3.6), ‖w‖ = 4.5, b = −2; y = 2.5, g = (−1.8, −2.4), ‖g‖ = 3; local = 0.45 / 3.45 = 0.13043478;
    //    v = (0.15, 0.2) + local (−1.8 + 0.27, −2.4 + 0.36) = (−0.04956522, −0.06608696). The bias: v = 1 − 3 = −2.
    [Fact]
    public void Two_steps_of_Lars()
    {
        Model model = TinyModels.Line(3, 4, 0);
        var lars = new Lars(1, momentum: 0.5, weightDecay: 0.1, trustCoefficient: 0.1);
        using CompiledModel compiled = model.Compile(lars, "mse");

        Step(model, 0.6f, 0.8f, 4);
        TinyModels.AssertNear([2.7, 3.6], model.Weights[0], 2e-6);
        TinyModels.AssertNear([-2], model.Weights[1], 2e-6);
        Step(model, 0.6f, 0.8f, 4);
        TinyModels.AssertNear([2.74956522, 3.66608696], model.Weights[0], 2e-6);
        TinyModels.AssertNear([0], model.Weights[1], 2e-6);
    }

    // As step 1 above; the bias is 0, so it has no norm to go by and moves by its gradient of 2.
    [Fact]
    public void Lars_moves_a_weight_of_zeros()
    {
        Model model = TinyModels.Line(3, 4, 0);
        var lars = new Lars(1, momentum: 0, weightDecay: 0.1, trustCoefficient: 0.1, adaptVectors: true);
        using CompiledModel compiled = model.Compile(lars, "mse");

        Step(model, 0.6f, 0.8f, 4);
        TinyModels.AssertNear([2.7, 3.6], model.Weights[0], 2e-6);
        TinyModels.AssertNear([-2], model.Weights[1], 2e-6);
    }

    // The gradients of the first step are −1.8 and −3.6, of norm √16.2, and −1.8; plain SGD of rate 1.
    [Fact]
    public void Gradients_are_clipped()
    {
        Model model = TinyModels.Line(0.5f, -0.25f, 0.1f);
        using (model.Compile(new Sgd(1) { ClipValue = 2 }, "mse"))
        {
            Step(model, 1, 2, 1);
        }
        TinyModels.AssertNear([2.3, 1.75], model.Weights[0]);
        TinyModels.AssertNear([1.9], model.Weights[1]);

        model = TinyModels.Line(0.5f, -0.25f, 0.1f);
        using (model.Compile(new Sgd(1) { ClipNorm = 2 }, "mse"))
        {
            Step(model, 1, 2, 1);
        }
        double scale = 2 / Math.Sqrt(16.2);
        TinyModels.AssertNear([0.5 + (1.8 * scale), -0.25 + (3.6 * scale)], model.Weights[0]);
        TinyModels.AssertNear([1.9], model.Weights[1]);
    }

    private static void Step(Model model, float x1, float x2, float target) =>
        model.TrainOnBatch(new NDArray([1, 2], new[] { x1, x2 }), new NDArray([1, 1], new[] { target }));
}
