using System.Text.Json.Nodes;
using Extending;
using static Lamina.Layers;

namespace Lamina.Torch.Tests.Training.Extending;

/// <summary>Augmentations and initializers of a program's own.</summary>
public sealed class CustomPartsTests : IDisposable
{
    private readonly string _root = Directory.CreateTempSubdirectory("lamina-parts-").FullName;

    public void Dispose() => Directory.Delete(_root, recursive: true);

    [Fact]
    public void An_augmentation_has_a_JSON_form_where_it_is_registered()
    {
        Augmentation.Register("random_invert", RandomInvert.Read);
        var augmentation = new RandomInvert(0.25);
        Assert.Equal(augmentation, Augmentation.FromJson(JsonNode.Parse(augmentation.ToJson().ToJsonString())));
        Assert.Throws<ArgumentException>(() => Augmentation.Register("random_flip", RandomInvert.Read));
    }

    [Fact]
    public void An_augmentation_changes_the_share_of_images_that_it_says()
    {
        var augmentation = new RandomInvert(0.25);
        int inverted = 0;
        for (int image = 0; image < 1000; image++)
        {
            var random = new RandomStream(1, RandomPurpose.Augmentation, 0, image);
            float[] pixels = [0, 100, 255];
            augmentation.ChangePixels(pixels, new Size2(1, 1), 3, ref random);
            inverted += pixels is [255, 155, 0] ? 1 : 0;
        }
        Assert.InRange(inverted, 200, 300);
    }

    [Fact]
    public void A_model_with_an_initializer_is_saved_and_loaded()
    {
        Initializers.Register<LecunNormal>();
        Session.SetRandomSeed(3);
        Symbol input = Input(400);
        Model model = Model(input, Dense(50, kernelInitializer: new LecunNormal { Seed = 7 })(input));
        float[] kernel = model.Weights[0].GetValues();
        Assert.Equal(1.0 / 400, kernel.Average(v => (double)v * v), 1e-4);
        string path = Path.Combine(_root, "model.lamina");
        ModelFile.Save(model, path);
        Model loaded = ModelFile.Load(path).Model;
        var dense = (Dense)loaded.Layers[^1];
        Assert.Equal(new LecunNormal { Seed = 7 }, dense.KernelInitializer);
        Assert.Equal(kernel, loaded.Weights[0].GetValues());
    }
}
