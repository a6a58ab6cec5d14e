using System.Text;
using static Lamina.Layers;

namespace Lamina.Torch.Tests.Training;

/// <summary>A training that moves to another device in the middle.</summary>
public sealed class MovedCheckpointTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("lamina-moved-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    private static Model Network()
    {
        Session.Clear();
        Session.SetRandomSeed(2);
        Symbol input = Input(10, 10, 3);
        Symbol x = BatchNormalization(momentum: 0.9)(Conv2D(8, 3, padding: "same", activation: "relu")(input));
        x = Dropout(0.3)(Flatten()(MaxPool2D(2)(x)));
        return Model(input, Dense(3, activation: "softmax")(x));
    }

    private static ArraySource Data()
    {
        var random = new Random(4);
        var x = new NDArray([24, 10, 10, 3]);
        var y = new NDArray([24]);
        for (int i = 0; i < x.Values.Length; i++)
        {
            x.Values[i] = (float)random.NextDouble();
        }
        for (int i = 0; i < y.Values.Length; i++)
        {
            y.Values[i] = i % 3;
        }
        return new ArraySource(x, y, batchSize: 8);
    }

    /// <summary>Trains to an epoch, continuing from the backup in a folder.</summary>
    private float[] Train(
        string folder,
        int epochs,
        Device device,
        ComputePrecision precision = ComputePrecision.Float32
    )
    {
        Model model = Network();
        using CompiledModel compiled = model.Compile(
            new Adam(0.002) { EmaMomentum = 0.9 },
            "sparse_categorical_crossentropy",
            ["accuracy"],
            seed: 6,
            device: device,
            precision: precision
        );
        string path = Path.Combine(_folder, folder);
        model.Fit(Data(), epochs, callbacks: [new BackupAndRestore(path, deleteCheckpoint: false)], verbose: 0);
        Assert.Equal(3 * epochs, compiled.Step);
        return [.. model.Weights.SelectMany(w => w.GetValues()), compiled.Step];
    }

    [Theory]
    [InlineData(DeviceKind.Portable, DeviceKind.Cpu)]
    [InlineData(DeviceKind.Cpu, DeviceKind.Portable)]
    public void A_checkpoint_continues_on_another_device(DeviceKind first, DeviceKind second)
    {
        Device from = first == DeviceKind.Cpu ? Device.Cpu : Device.Portable;
        Device to = second == DeviceKind.Cpu ? Device.Cpu : Device.Portable;
        float[] stayed = Train("stayed", 3, to);
        Train("moved", 1, from);
        float[] moved = Train("moved", 3, to);
        // The devices sum in different orders; dropout's masks, Adam's state and the averages must go on.
        Assert.All(stayed.Zip(moved), p => Assert.Equal(p.First, p.Second, 2e-4f));
    }

    [Fact]
    public void Files_do_not_name_the_device()
    {
        Train("on-cpu", 1, Device.Cpu);
        Train("on-portable", 1, Device.Portable);
        string[] cpu = Files("on-cpu");
        Assert.NotEmpty(cpu);
        Assert.Equal(cpu, Files("on-portable"));
        foreach (string file in cpu)
        {
            byte[] content = File.ReadAllBytes(Path.Combine(_folder, "on-portable", file));
            Assert.DoesNotContain("portable", Encoding.Latin1.GetString(content), StringComparison.OrdinalIgnoreCase);
        }
    }

    [Fact]
    public void Another_precision_is_another_training()
    {
        Train("float32", 1, Device.Portable);
        string message = Assert
            .ThrowsAny<LaminaException>(() => Train("float32", 2, Device.Portable, ComputePrecision.BFloat16))
            .Message;
        Assert.Contains("precision", message, StringComparison.Ordinal);
        // Tf32 is a matter of the device.
        Train("float32", 2, Device.Portable, ComputePrecision.Tf32);
    }

    private string[] Files(string folder)
    {
        string root = Path.Combine(_folder, folder);
        return
        [
            .. Directory
                .EnumerateFiles(root, "*", SearchOption.AllDirectories)
                .Select(f => Path.GetRelativePath(root, f))
                .Order(StringComparer.Ordinal),
        ];
    }
}
