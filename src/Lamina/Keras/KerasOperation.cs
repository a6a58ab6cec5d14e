using System.Text.Json.Nodes;

namespace Lamina;

/// <summary>Ops that are nodes of a graph, which Keras's files cannot represent yet.</summary>
internal static class KerasOperation
{
    /// <exception cref="ConfigException">Always: the op is not a Keras layer.</exception>
    public static JsonObject Write(Op op, Layer layer, KerasForm form) =>
        throw new ConfigException(
            $"{layer}: the op '{op.Name}' outside of a layer has no form in {(form == KerasForm.Keras3 ? ".keras" : "Keras 2's and tfjs's")} "
                + "files. Save as .lamina or ONNX, or write a Layer around it."
        );
}
