using Lamina.Torch.Tests.Goldens;

namespace Lamina.Torch.Tests.Interop;

/// <summary>
/// A model with the weights of a .pth file gives PyTorch's outputs: torchvision's alexnet, and the paper's network as PyTorch
/// modules. make_alexnet.py made the outputs; the files are made here by its formula.
/// </summary>
public class PyTorchOutputsTests
{
    private const int Size = 224;
    private const int ImageKey = 1000;
    private const int Classes = 10;

    [Theory]
    [InlineData("owt")]
    [InlineData("paper")]
    public void Probabilities_are_those_of_PyTorch(string name)
    {
        Golden golden = Golden.Load("alexnet.json")[name];
        ZooMember member = Zoo.Member(name);
        Model model = member.Build(new ZooOptions { Classes = Classes });
        var options = new PyTorchOptions { Modules = member.PyTorchModules };
        string folder = Directory.CreateTempSubdirectory("lamina-pth-").FullName;
        try
        {
            string path = Path.Combine(folder, "weights.pth");
            PyTorchFile.Save(StateDict(golden), path);
            PyTorchFile.LoadWeights(model, path, options);
            if (member.PyTorchModules is not null)
            {
                // By order as well as by torchvision's names, and back as the same file.
                PyTorchFile.SaveWeights(model, Path.Combine(folder, "again.pth"), options);
                Assert.True(SameBytes(path, Path.Combine(folder, "again.pth")));
            }
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }

        var images = new NDArray(Shape.Of(2, Size, Size, 3), MadeValues.Of(ImageKey, 2L * Size * Size * 3));
        float[] actual = model.Predict(images).Values.ToArray();
        double[] expected = golden["probabilities"].Numbers;
        Assert.Equal(expected.Length, actual.Length);
        Assert.All(
            expected.Zip(actual),
            p => Assert.True(Math.Abs(p.First - p.Second) <= 1e-5 * p.First, $"expected {p.First}, got {p.Second}")
        );
    }

    private static OrderedDictionary<string, NDArray> StateDict(Golden golden)
    {
        var tensors = new OrderedDictionary<string, NDArray>();
        foreach (Golden tensor in golden["tensors"].Items)
        {
            var shape = Shape.Of(tensor["shape"].Integers);
            float[] values = MadeValues.Of(tensors.Count, shape.ElementCount, 0, tensor["reach"].Number);
            tensors.Add(tensor["name"].Text, new NDArray(shape, values));
        }
        return tensors;
    }

    private static bool SameBytes(string a, string b)
    {
        using FileStream first = File.OpenRead(a);
        using FileStream second = File.OpenRead(b);
        return first.Length == second.Length
            && System
                .Security.Cryptography.SHA256.HashData(first)
                .SequenceEqual(System.Security.Cryptography.SHA256.HashData(second));
    }
}
