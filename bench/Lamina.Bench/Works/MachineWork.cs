using Lamina.Bench.Peers;
using Lamina.Torch;

namespace Lamina.Bench;

/// <summary>What the machine can do at most, by which everything else is judged.</summary>
internal abstract class MachineWork : IPeerWork
{
    public const string Product = "sgemm";
    public const string Copy = "copy";
    public const string Fma = "fma";

    public abstract double Work { get; }

    public abstract double Run();

    public float[] Probabilities() => throw new NotSupportedException("The machine's limits have no output.");

    public virtual void Dispose() { }
}

/// <summary>One square matrix product in float32, through libtorch; work is floating-point operations.</summary>
internal sealed class ProductWork : MachineWork
{
    public const int Side = 4096;

    private readonly Tensor _a = Tensor.Empty([Side, Side]);
    private readonly Tensor _b = Tensor.Empty([Side, Side]);

    public ProductWork()
    {
        _a.Fill(0.5);
        _b.Fill(0.25);
        Run();
    }

    public override double Work => 2.0 * Side * Side * Side;

    public override double Run()
    {
        using Tensor product = Aten.Mm(_a, _b);
        return product.AsSpan()[0];
    }

    public override void Dispose()
    {
        base.Dispose();
        _a.Dispose();
        _b.Dispose();
    }
}

/// <summary>A copy between tensors that no cache holds, through libtorch; work is bytes read and written.</summary>
internal sealed class CopyWork : MachineWork
{
    private const long Count = 64 << 20;

    private readonly Tensor _source = Tensor.Zeros([Count]);
    private readonly Tensor _target = Tensor.Zeros([Count]);

    public override double Work => 2.0 * Count * sizeof(float);

    public override double Run()
    {
        _target.CopyFrom(_source);
        return _target.AsSpan()[0];
    }

    public override void Dispose()
    {
        base.Dispose();
        _source.Dispose();
        _target.Dispose();
    }
}
