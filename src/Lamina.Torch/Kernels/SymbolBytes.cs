namespace Lamina;

/// <summary>Computes the memory of symbols.</summary>
internal static class SymbolBytes
{
    /// <summary>Returns the size of a symbol's float32 values in bytes.</summary>
    /// <param name="symbol">The symbol.</param>
    /// <param name="batch">The number of samples, if the symbol's shape leaves it open.</param>
    public static long Of(Symbol symbol, int batch) =>
        sizeof(float)
        * (symbol.Shape.HasUnknownBatch ? checked(symbol.Shape.SampleCount * batch) : symbol.Shape.ElementCount);
}
