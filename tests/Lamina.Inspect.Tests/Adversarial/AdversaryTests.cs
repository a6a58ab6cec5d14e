using static Lamina.Layers;

namespace Lamina.Inspect.Tests.Adversarials;

/// <summary>Adversarial images of a linear model, whose gradient is known, and of a small network.</summary>
public sealed class AdversaryTests
{
    [Fact]
    public void One_step_goes_by_epsilon_along_the_sign_and_stays_in_range()
    {
        Symbol input = Input(1, 3, 1);
        Model model = Model(input, Dense(2, activation: "softmax")(Flatten()(input)));
        model.Weights[0].SetValues([1, 0, 0, 2, 3, 3]);
        using var attributor = new Attributor(model);
        // From black at −1 to white at 3: a range of 4.
        var adversary = new Adversary(attributor, Filled(-1), Filled(3));
        var image = new NDArray([1, 1, 3, 1], new float[] { 0.5f, 2.9f, 1 });
        NDArray attacked = adversary.Attack(image, [0], 0.1);
        // The loss of class 0 falls with the first pixel and grows with the second; the third does not matter.
        Assert.Equal([0.1f, 3, 1], attacked.Values.ToArray().Select(v => MathF.Round(v, 5)));
        Assert.Equal(image.Values.ToArray(), adversary.Attack(image, [0], 0).Values.ToArray());
        Assert.Throws<LaminaException>(() => adversary.Attack(image, [2], 0.1));
        Assert.Throws<LaminaException>(() => adversary.Attack(image, [0], 1.5));

        NDArray Filled(float value) => new([1, 1, 3, 1], new[] { value, value, value });
    }

    [Fact]
    public void Many_steps_stay_within_epsilon_and_fool_at_least_as_well()
    {
        Session.SetRandomSeed(2);
        Symbol input = Input(10, 10, 1);
        Symbol x = Conv2D(8, 3, activation: "relu")(input);
        Model model = Model(input, Dense(3, activation: "softmax")(Flatten()(x)));
        using var attributor = new Attributor(model);
        var random = new RandomStream(1, RandomPurpose.User);
        var images = new NDArray([20, 10, 10, 1]);
        foreach (ref float value in images.Values)
        {
            value = random.NextSingle();
        }
        NDArray black = new([1, 10, 10, 1]);
        NDArray white = new([1, 10, 10, 1], Enumerable.Repeat(1f, 100).ToArray());
        var adversary = new Adversary(attributor, black, white);
        IReadOnlyList<int> labels = adversary.Predict(images);
        var many = new AttackOptions { Steps = 10, RandomStart = true };
        NDArray attacked = adversary.Attack(images, labels, 0.03, many);
        for (int i = 0; i < images.Values.Length; i++)
        {
            Assert.InRange(
                attacked.Values[i],
                Math.Max(0, images.Values[i] - 0.030001f),
                Math.Min(1, images.Values[i] + 0.030001f)
            );
        }
        Assert.True(Loss(attacked) > Loss(images));
        Assert.True(Loss(attacked) > 0.98 * Loss(adversary.Attack(images, labels, 0.03)));
        Assert.Equal(attacked.Values.ToArray(), adversary.Attack(images, labels, 0.03, many).Values.ToArray());

        double Loss(NDArray of)
        {
            NDArray probabilities = attributor.Probabilities(of);
            return Enumerable.Range(0, 20).Average(i => -Math.Log(probabilities[i, labels[i]]));
        }
    }
}
