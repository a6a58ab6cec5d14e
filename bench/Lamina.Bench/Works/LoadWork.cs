using System.Diagnostics;
using Lamina.Bench.Peers;
using Lamina.Torch;

namespace Lamina.Bench;

/// <summary>Loading libtorch, which a process can do once; what it comes to is seconds.</summary>
internal sealed class LoadWork : IPeerWork
{
    public const string Kind = "load";

    public double Work => 1;

    public double Run()
    {
        if (TorchLibrary.IsLoaded)
        {
            throw new LaminaException("libtorch is loaded already.");
        }
        long start = Stopwatch.GetTimestamp();
        TorchLibrary.Use();
        return Stopwatch.GetElapsedTime(start).TotalSeconds;
    }

    public float[] Probabilities() => throw new NotSupportedException("Loading has no output.");

    public void Dispose() { }
}
