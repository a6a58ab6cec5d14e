using CsCheck;

namespace Lamina;

/// <summary>Cases of property tests that are the same in every run, so that a run that fails can be repeated.</summary>
internal static class FixedCases
{
    /// <summary>The generator, drawing the same sequence of cases in every process.</summary>
    public static Gen<T> Fixed<T>(this Gen<T> gen) => new FixedGen<T>(gen);

    private sealed class FixedGen<T>(Gen<T> gen) : Gen<T>
    {
        private int _cases;

        // The library's own seed fixes only the first case.
        public override T Generate(PCG pcg, Size? min, out Size size) =>
            gen.Generate(new PCG(1, (ulong)Interlocked.Increment(ref _cases)), min, out size);
    }
}
