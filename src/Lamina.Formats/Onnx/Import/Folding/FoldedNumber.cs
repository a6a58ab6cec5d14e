using System.Globalization;

namespace Lamina;

/// <summary>
/// An element of a tensor that is known when a file is read: a number, or a multiple of the batch size, which stays
/// open.
/// </summary>
/// <param name="Real">The number, or factor, in a tensor of real numbers.</param>
/// <param name="Whole">The number, or factor, in a tensor of integers or truth values.</param>
/// <param name="OfBatch"><see langword="true"/> if the element is the number times the batch size.</param>
internal readonly record struct FoldedNumber(double Real, long Whole, bool OfBatch = false)
{
    /// <summary>The batch size itself.</summary>
    public static FoldedNumber Batch { get; } = new(0, 1, true);

    public static FoldedNumber Of(long whole, bool ofBatch = false) => new(0, whole, ofBatch && whole != 0);

    public static FoldedNumber Of(double real, bool ofBatch = false) => new(real, 0, ofBatch && real != 0);

    /// <summary>Returns the number as error messages print it: <c>3</c>, <c>N</c>, <c>2·N</c>.</summary>
    public override string ToString()
    {
        string number = (Real != 0 ? Real : Whole).ToString(CultureInfo.InvariantCulture);
        return !OfBatch ? number
            : Real == 0 && Whole == 1 ? "N"
            : $"{number}·N";
    }
}
