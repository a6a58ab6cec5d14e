using System.Reflection;
using Lamina.Torch.Tests;
using Xunit.v3;

[assembly: SettleTensors]

namespace Lamina.Torch.Tests;

/// <summary>
/// Lets finalizers free a test's models before the next test: the garbage collector does not see how much native memory they
/// hold.
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
