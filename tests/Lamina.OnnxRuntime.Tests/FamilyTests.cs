namespace Lamina.OnnxRuntime.Tests;

/// <summary>Every member of the zoo, at the least size that it takes, gives in ONNX Runtime what it gives in Lamina.</summary>
public class FamilyTests
{
    public static TheoryData<string> Names => [.. Zoo.Names];

    [Theory]
    [MemberData(nameof(Names))]
    public void Export_agrees_with_onnx_runtime(string name)
    {
        Session.Clear();
        Session.SetRandomSeed(5);
        ZooMember member = Zoo.Member(name);
        Model model = member.Build(new ZooOptions { InputSize = member.MinInputSize + 3, Classes = 7 });
        RoundTrip.Check(RoundTrip.Disturb(model), OnnxLayout.Nchw);
    }
}
