using System.Reflection;
using Lamina.Torch.Tests;
using Xunit.v3;

[assembly: SettleTensors]

namespace Lamina.Torch.Tests;

/// <summary>
/// Lets the finalizers of a test's models run before the next test, which may count live tensors: they are the process's.
/// </summary>
[AttributeUsage(AttributeTargets.Assembly)]
public sealed class SettleTensorsAttribute : BeforeAfterTestAttribute
{
    /// <inheritdoc/>
    public override void After(MethodInfo methodUnderTest, IXunitTest test)
    {
        GC.Collect();
        GC.WaitForPendingFinalizers();
    }
}
