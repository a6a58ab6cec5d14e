using ILGPU;
using ILGPU.Backends.EntryPoints;
using ILGPU.Backends.PTX;
using ILGPU.Runtime;
using ILGPU.Runtime.CPU;
using ILGPU.Runtime.Cuda;

namespace Lamina.Gpu.Ptx;

/// <summary>A kernel as text for NVIDIA's driver.</summary>
/// <param name="Name">The name of the entry point.</param>
/// <param name="Text">The PTX.</param>
internal sealed record PtxKernel(string Name, string Text);

/// <summary>Compiles kernels to PTX. It needs neither a CUDA toolkit nor a GPU.</summary>
internal sealed class PtxCompiler : IDisposable
{
    private readonly Context _context = Context.Create(b => b.CPU().Optimize(OptimizationLevel.O2));
    private readonly PTXBackend _backend;

    /// <summary>Creates a compiler for a compute capability; newer GPUs run its output, too.</summary>
    /// <param name="major">The major number, at least 7.</param>
    /// <param name="minor">The minor number.</param>
    public PtxCompiler(int major = 8, int minor = 0)
    {
        var architecture = new CudaArchitecture(major, minor);
        _backend = new PTXBackend(
            _context,
            new CudaCapabilityContext(architecture),
            architecture,
            new CudaInstructionSet(8, 0),
            null
        );
    }

    /// <summary>Compiles a kernel.</summary>
    public PtxKernel Compile(KernelSource source)
    {
        EntryPointDescription entry = source.IsGrouped
            ? EntryPointDescription.FromExplicitlyGroupedKernel(source.Method)
            : EntryPointDescription.FromImplicitlyGroupedKernel(source.Method);
        var compiled = (PTXCompiledKernel)_backend.Compile(entry, new KernelSpecialization());
        return new PtxKernel(compiled.Name, compiled.PTXAssembly);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _backend.Dispose();
        _context.Dispose();
    }
}
