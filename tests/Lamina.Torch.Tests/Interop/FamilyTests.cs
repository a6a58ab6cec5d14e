namespace Lamina.Torch.Tests.Interop;

/// <summary>The family in Keras's words: what Keras makes of it has the same weights and the same shapes.</summary>
public class FamilyTests
{
    public static TheoryData<string> Members => [.. Zoo.Names];

    [Theory]
    [MemberData(nameof(Members))]
    public void EveryMemberSurvivesKerasJson(string name)
    {
        Model model = Zoo.Build(name);
        Model again = Model.FromJson(model.ToJson());
        Assert.Equal(model.Outputs[0].Shape, again.Outputs[0].Shape);
        Assert.Equal(model.Weights.Select(w => $"{w}"), again.Weights.Select(w => $"{w}"));
    }
}
