namespace Lamina.Formats.Tests;

public class PyTorchReadTests
{
    public static TheoryData<string> Readable =>
        [
            "dtypes.pth",
            "strides.pth",
            "shared.pth",
            "nested.pth",
            "model.pth",
            "parameters.pth",
            "protocol3.pth",
            "protocol4.pth",
            "protocol5.pth",
        ];

    [Theory]
    [MemberData(nameof(Readable))]
    public void Tensors_are_those_that_PyTorch_reads(string name)
    {
        IReadOnlyDictionary<string, Expected> expected = PyTorchGoldens.All[name];
        IReadOnlyDictionary<string, NDArray> tensors = PyTorchFile.Load(PyTorchGoldens.File(name));
        Assert.Equal(expected.Keys, tensors.Keys);
        foreach ((string key, NDArray tensor) in tensors)
        {
            Assert.Equal(expected[key].Array.Shape, tensor.Shape);
            Assert.Equal(expected[key].Floats, tensor.Values.ToArray());
        }
    }

    [Theory]
    [InlineData("dtypes.pth")]
    [InlineData("strides.pth")]
    [InlineData("complex.pth")]
    public void Descriptions_have_names_types_and_shapes(string name)
    {
        IReadOnlyDictionary<string, Expected> expected = PyTorchGoldens.All[name];
        FileDescription description = PyTorchFile.Describe(PyTorchGoldens.File(name));
        Assert.Equal("PyTorch state dict, pickle protocol 2", description.Format);
        Assert.Equal(expected.Keys, description.Tensors.Select(t => t.Name));
        foreach (TensorDescription tensor in description.Tensors)
        {
            Assert.Equal(expected[tensor.Name].Dtype, tensor.Dtype);
            Assert.Equal(expected[tensor.Name].Shape, tensor.Shape);
            int size = tensor.Dtype switch
            {
                "complex64" or "int64" or "float64" => 8,
                "float32" or "int32" => 4,
                "float16" or "bfloat16" or "int16" => 2,
                _ => 1,
            };
            Assert.Equal(size * tensor.Shape.Aggregate(1L, (product, d) => product * d), tensor.Bytes);
        }
    }

    [Fact]
    public void Descriptions_tell_what_lies_beside_the_weights()
    {
        FileDescription nested = PyTorchFile.Describe(PyTorchGoldens.File("nested.pth"));
        Assert.Equal(
            [
                "state_dict.module.features.0.weight",
                "state_dict.module.features.0.bias",
                "optimizer.state.0.momentum_buffer",
            ],
            nested.Tensors.Select(t => t.Name)
        );
        Assert.Equal(
            [
                "the weights are under 'state_dict'",
                "the names of the weights begin with 'module.'",
                "epoch: 90",
                "arch: alexnet",
                "best: 0.5",
            ],
            nested.Notes
        );
        FileDescription shared = PyTorchFile.Describe(PyTorchGoldens.File("shared.pth"));
        Assert.Equal(["4 tensors share 1 storages"], shared.Notes);
    }

    [Theory]
    [InlineData("legacy.pth", "before 1.6", "torch.save(torch.load('old.pth'), 'new.pth')")]
    [InlineData("module.pth", "is a pickled 'torch.nn.modules.linear.Linear'", "torch.save(model.state_dict()")]
    [InlineData("system.pth", "is a pickled 'posix.system'", "executes nothing")]
    [InlineData("system_inside.pth", "contains a pickled 'posix.system'", "executes nothing")]
    [InlineData("script.pth", "TorchScript", "torch.jit.load('model.pt').state_dict()")]
    [InlineData("empty.pth", "contains no tensors", "torch.save(model.state_dict()")]
    [InlineData("expected.json", "is not a PyTorch file")]
    [InlineData("none.pth", "no such file")]
    public void What_is_no_state_dict_is_refused_with_what_to_do(string name, params string[] says)
    {
        string path = PyTorchGoldens.File(name);
        foreach (Action read in (Action[])[() => PyTorchFile.Load(path), () => PyTorchFile.Describe(path)])
        {
            LaminaException error = OneLine.Error(read, says);
            Assert.IsType<ModelFileException>(error);
            Assert.StartsWith($"{path}: ", error.Message, StringComparison.Ordinal);
        }
        Assert.False(File.Exists("/tmp/lamina-was-here"));
    }

    [Fact]
    public void Pipes_and_devices_are_refused()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "/dev is Unix's");
        using var server = new System.IO.Pipes.AnonymousPipeServerStream();
        string pipe = $"/proc/self/fd/{server.ClientSafePipeHandle.DangerousGetHandle()}";
        foreach (string path in OperatingSystem.IsLinux() ? (string[])["/dev/null", pipe] : ["/dev/null"])
        {
            OneLine.Error(() => PyTorchFile.Load(path), $"{path}: is ");
            OneLine.Error(() => SafetensorsFile.Load(path), $"{path}: is ");
        }
    }

    [Fact]
    public void Elements_without_a_float32_are_named() =>
        OneLine.Error(() => PyTorchFile.Load(PyTorchGoldens.File("complex.pth")), "'wave' complex64 (2,)", "float32");
}
