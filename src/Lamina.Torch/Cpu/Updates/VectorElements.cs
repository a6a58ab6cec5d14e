using System.Numerics;
using Lamina.Torch.Kernels;

namespace Lamina.Torch.Cpu;

/// <summary>A vector of elements in registers.</summary>
/// <param name="vector">The elements.</param>
internal readonly struct VectorElements(Vector<float> vector) : IElements<VectorElements>
{
    /// <summary>The elements.</summary>
    public Vector<float> Vector { get; } = vector;

    public static VectorElements operator +(VectorElements a, VectorElements b) => new(a.Vector + b.Vector);

    public static VectorElements operator -(VectorElements a, VectorElements b) => new(a.Vector - b.Vector);

    public static VectorElements operator *(VectorElements a, VectorElements b) => new(a.Vector * b.Vector);

    public static VectorElements operator /(VectorElements a, VectorElements b) => new(a.Vector / b.Vector);

    public static VectorElements operator *(VectorElements a, float b) => new(a.Vector * b);

    public static VectorElements operator +(VectorElements a, float b) => new(a.Vector + new Vector<float>(b));

    public static VectorElements Sqrt(VectorElements x) => new(System.Numerics.Vector.SquareRoot(x.Vector));

    public static VectorElements Abs(VectorElements x) => new(System.Numerics.Vector.Abs(x.Vector));

    public static VectorElements Max(VectorElements a, VectorElements b) =>
        new(System.Numerics.Vector.Max(a.Vector, b.Vector));

    public static VectorElements Masked(VectorElements condition, VectorElements value) =>
        new(
            System.Numerics.Vector.ConditionalSelect(
                System.Numerics.Vector.Equals(condition.Vector, Vector<float>.Zero),
                Vector<float>.Zero,
                value.Vector
            )
        );

    public static VectorElements Sign(VectorElements x)
    {
        Vector<float> one = Vector<float>.One;
        Vector<int> isAbove = System.Numerics.Vector.GreaterThan(x.Vector, Vector<float>.Zero);
        Vector<int> isBelow = System.Numerics.Vector.LessThan(x.Vector, Vector<float>.Zero);
        return new(
            System.Numerics.Vector.ConditionalSelect(
                isAbove,
                one,
                System.Numerics.Vector.ConditionalSelect(isBelow, -one, Vector<float>.Zero)
            )
        );
    }
}
