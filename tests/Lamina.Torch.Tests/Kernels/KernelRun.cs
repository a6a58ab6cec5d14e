using Lamina.Torch.Tests.References;

namespace Lamina.Torch.Tests.Kernels;

/// <summary>One forward and backward of a device's kernel, the way a plan does it: only what the kernel asks for is kept.</summary>
internal sealed record KernelRun(
    Array64 Output,
    Array64 Cotangent,
    IReadOnlyList<Array64?> Gradients,
    IReadOnlyList<Array64> InputsAfter
)
{
    public static KernelRun Of(
        Device device,
        OpNode node,
        Array64[] inputs,
        bool training,
        bool[] wanted,
        bool overwrite,
        Array64? given = null
    ) => Of(Backends.For(device), node, inputs, training, wanted, overwrite, given);

    public static KernelRun Of(
        KernelFactory kernels,
        OpNode node,
        Array64[] inputs,
        bool training,
        bool[] wanted,
        bool overwrite,
        Array64? given = null
    )
    {
        var step = new StepContext(training, 5, 2);
        Kernel kernel = kernels.Create(node, new KernelRequest { Index = 1 });
        Tensor[] tensors = [.. inputs.Select((x, i) => ToEngine(node.Op, i, x))];
        overwrite &= kernel.CanOverwrite && !kernel.BackwardReadsInput(0);
        try
        {
            using Tensor output = kernel.Forward(step, tensors, overwrite);
            Assert.True(output.IsContiguous);
            Array64 y = Read(output);
            Assert.Equal(
                (node.Shape.HasUnknownBatch ? node.Shape.WithBatch(y.Sizes[0]) : node.Shape).ToArray(),
                y.Sizes
            );

            Array64 cotangent = given ?? Draw64.Uniform(99, y.Sizes);
            Tensor?[] kept = [.. tensors.Select((t, i) => kernel.BackwardReadsInput(i) ? t : null)];
            var results = new Tensor?[inputs.Length];
            kernel.Backward(
                step,
                kept,
                kernel.BackwardReadsOutput ? output : null,
                ToEngine(node.Op, -1, cotangent),
                wanted,
                results
            );
            kernel.Dispose();
            var gradients = new Array64?[inputs.Length];
            for (int i = 0; i < results.Length; i++)
            {
                if (results[i] is { } gradient)
                {
                    Assert.True(gradient.IsContiguous);
                    gradients[i] = FromEngine(node.Op, i, gradient);
                    gradient.Dispose();
                }
            }
            return new KernelRun(y, cotangent, gradients, [.. tensors.Select((t, i) => FromEngine(node.Op, i, t))]);
        }
        finally
        {
            foreach (Tensor tensor in tensors)
            {
                tensor.Dispose();
            }
        }
    }

    /// <summary>Forward alone, as an inference plan runs it, with the ReLU that follows if asked.</summary>
    public static Array64 Infer(Device device, OpNode node, Array64[] inputs, bool fuseRelu)
    {
        Kernel kernel = Backends
            .For(device)
            .Create(node, new KernelRequest { Inference = true, Epilogue = fuseRelu ? Epilogue.Relu : null });
        Tensor[] tensors = [.. inputs.Select((x, i) => ToEngine(node.Op, i, x))];
        using Tensor output = kernel.Forward(new StepContext(false, 0, 0), tensors, false);
        Array64 y = Read(output);
        kernel.Dispose();
        foreach (Tensor tensor in tensors)
        {
            tensor.Dispose();
        }
        return y;
    }

    /// <summary>Runs a kernel forward on inputs in public layouts.</summary>
    public static Array64 Forward(Kernel kernel, IReadOnlyList<Array64> inputs, in StepContext step)
    {
        Tensor[] tensors = [.. inputs.Select((x, i) => ToEngine(kernel.Node.Op, i, x))];
        using Tensor output = kernel.Forward(step, tensors, false);
        Array64 y = Read(output);
        Array.ForEach(tensors, t => t.Dispose());
        return y;
    }

    private static bool IsKernel(Op op, int input) => op is ConvolutionOp && input == 1;

    // A convolution's kernel is (kh, kw, in, out) in public and (out, kh, kw, in) in the engine.
    internal static Tensor ToEngine(Op op, int input, Array64 x)
    {
        Array64 source = IsKernel(op, input) ? Permute(x, 3, 0, 1, 2) : x;
        return Tensor.FromSpan(source.ToSingles(), [.. source.Sizes.Select(s => (long)s)]);
    }

    private static Array64 FromEngine(Op op, int input, Tensor tensor) =>
        IsKernel(op, input) ? Permute(Read(tensor), 1, 2, 3, 0) : Read(tensor);

    private static Array64 Read(Tensor tensor)
    {
        var values = new float[tensor.Count];
        tensor.CopyTo(values);
        return new Array64([.. tensor.Sizes.ToArray().Select(s => (int)s)], [.. values.Select(v => (double)v)]);
    }

    private static Array64 Permute(Array64 x, params int[] order)
    {
        var y = new Array64([.. order.Select(d => x.Sizes[d])]);
        foreach (int[] at in x.Indices())
        {
            y[[.. order.Select(d => at[d])]] = x[at];
        }
        return y;
    }
}
