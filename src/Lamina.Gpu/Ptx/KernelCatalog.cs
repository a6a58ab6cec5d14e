using System.Reflection;
using Lamina.Gpu.Kernels;

namespace Lamina.Gpu.Ptx;

/// <summary>A kernel that can be compiled to PTX.</summary>
/// <param name="Method">The method that one thread runs.</param>
/// <param name="IsGrouped">
/// <see langword="true"/> if the method reads its group and thread itself; <see langword="false"/> if its first parameter is the
/// index of its element.
/// </param>
internal sealed record KernelSource(MethodInfo Method, bool IsGrouped)
{
    /// <summary>The class without its suffix, and the method: <c>MaxPool.Forward</c>.</summary>
    public string Name =>
        $"{Method.DeclaringType!.Name.Replace("Kernels", "", StringComparison.Ordinal)}.{Method.Name}";
}

/// <summary>All kernels.</summary>
internal static class KernelCatalog
{
    private static readonly Type[] s_classes =
    [
        typeof(BiasKernels),
        typeof(SliceKernels),
        typeof(BatchNormalizationKernels),
        typeof(MaxPoolKernels),
        typeof(DropoutKernels),
        typeof(CrossEntropyKernels),
        typeof(UpdateKernels),
        typeof(ImageKernels),
        typeof(DepthKernels),
        typeof(LocalResponseKernels),
    ];

    /// <summary>The kernels: the public methods of their classes.</summary>
    public static IReadOnlyList<KernelSource> All { get; } =
    [
        .. s_classes
            .SelectMany(c => c.GetMethods(BindingFlags.Public | BindingFlags.Static))
            .Select(m => new KernelSource(m, m.GetParameters()[0].ParameterType != typeof(ILGPU.Index1D))),
    ];

    /// <summary>Returns the kernel with a name.</summary>
    public static KernelSource Get(string name) => All.First(k => k.Name == name);
}
