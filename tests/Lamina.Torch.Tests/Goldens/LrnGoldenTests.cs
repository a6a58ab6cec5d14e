using Lamina.Torch.Tests.Kernels;
using Lamina.Torch.Tests.References;

namespace Lamina.Torch.Tests.Goldens;

/// <summary>Response normalisation in each library's own numbers, against PyTorch and that library's formula.</summary>
public class LrnGoldenTests
{
    private static readonly int[] s_sizes = [2, 3, 3, 11];

    public static TheoryData<string> Conventions => ["paper", "caffe", "pytorch", "tensorflow"];

    [Theory]
    [MemberData(nameof(Conventions))]
    public void Each_convention_is_that_librarys(string name)
    {
        Golden golden = Golden.Load("lrn.json")[name];
        Golden n = golden["numbers"];
        double Number(string key) => n[key].Number;
        int Whole(string key) => (int)Number(key);
        LocalResponseNormalization layer = name switch
        {
            "paper" => LocalResponseNormalization.Paper(Whole("n"), Number("alpha"), Number("beta"), Number("k")),
            "caffe" => LocalResponseNormalization.Caffe(
                Whole("localSize"),
                Number("alpha"),
                Number("beta"),
                Number("k")
            ),
            "pytorch" => LocalResponseNormalization.PyTorch(
                Whole("size"),
                Number("alpha"),
                Number("beta"),
                Number("k")
            ),
            _ => LocalResponseNormalization.TensorFlow(
                Whole("depthRadius"),
                Number("bias"),
                Number("alpha"),
                Number("beta")
            ),
        };
        OpNode node = layer.Apply(Layers.Input(s_sizes[1], s_sizes[2], s_sizes[3])).Producer;
        Array64 x = Made(1000, 3);
        foreach (Device device in TestDevices.All)
        {
            KernelRun run = KernelRun.Of(device, node, [x], true, [true], false, Made(3000, 1));
            KernelCheck.AssertClose(new Array64(s_sizes, golden["output"].Numbers), run.Output, 2e-6, "output");
            KernelCheck.AssertClose(
                new Array64(s_sizes, golden["gradient"].Numbers),
                run.Gradients[0]!,
                5e-6,
                "gradient"
            );
        }
    }

    [Fact]
    public void The_conventions_of_one_layer_agree()
    {
        Assert.Equal(
            Numbers(LocalResponseNormalization.Paper()),
            Numbers(LocalResponseNormalization.PyTorch(5, 5e-4, k: 2))
        );
        Assert.Equal(
            Numbers(LocalResponseNormalization.Paper()),
            Numbers(LocalResponseNormalization.Caffe(5, 5e-4, k: 2))
        );
        Assert.Equal(
            Numbers(LocalResponseNormalization.Paper()),
            Numbers(LocalResponseNormalization.TensorFlow(2, bias: 2, alpha: 1e-4, beta: 0.75))
        );

        static (int, double, double, double) Numbers(LocalResponseNormalization l) => (l.Size, l.Alpha, l.Beta, l.K);
    }

    private static Array64 Made(int key, double reach) =>
        new(s_sizes, [.. MadeValues.Of(key, Array64.Product(s_sizes), 0, reach).Select(v => (double)v)]);
}
