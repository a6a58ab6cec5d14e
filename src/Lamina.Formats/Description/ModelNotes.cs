using System.Globalization;

namespace Lamina;

/// <summary>Summarizes a graph in a few lines, for descriptions of files.</summary>
internal static class ModelNotes
{
    /// <summary>Returns the inputs and outputs, and the number of layers by class.</summary>
    public static IEnumerable<string> Of(Model model)
    {
        foreach (Symbol input in model.Inputs)
        {
            yield return $"input {input.Layer!.Name} {input.Shape}";
        }
        foreach (Symbol output in model.Outputs)
        {
            yield return $"output {output.Layer!.Name} {output.Shape}";
        }
        IEnumerable<string> classes = model
            .Layers.GroupBy(l => l.ClassName)
            .Select(g => g.Count() == 1 ? g.Key : string.Create(CultureInfo.InvariantCulture, $"{g.Count()} {g.Key}"));
        yield return string.Create(
            CultureInfo.InvariantCulture,
            $"{model.Layers.Count} layers: {string.Join(", ", classes)}"
        );
        long frozen = model.NonTrainableWeights.Sum(w => w.Count);
        string which = frozen > 0 ? string.Create(CultureInfo.InvariantCulture, $", {frozen:N0} non-trainable") : "";
        yield return string.Create(CultureInfo.InvariantCulture, $"{model.CountParams():N0} parameters{which}");
    }
}
