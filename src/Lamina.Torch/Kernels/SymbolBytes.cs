namespace Lamina;

/// <summary>The memory of symbols.</summary>
internal static class SymbolBytes
{
    /// <summary>Returns the bytes of a symbol's float32 values.</summary>
    /// <param name="symbol">The symbol.</param>
    /// <param name="batch">The samples, where the symbol's shape leaves their number open.</param>
    public static long Of(Symbol symbol, int batch) =>
        sizeof(float)
        * (symbol.Shape.HasUnknownBatch ? checked(symbol.Shape.SampleCount * batch) : symbol.Shape.ElementCount);
}
