namespace Lamina.Inspection;

/// <summary>The content of a layer's box, arranged like Keras 2's <c>plot_model</c>.</summary>
internal static class LayerLabel
{
    public static RecordField Of(Layer layer, PlotOptions options)
    {
        List<RecordField> fields = [layer.ClassName];
        if (options.ShowLayerActivations && layer.Activation is { } activation)
        {
            fields = [RecordField.Of(layer.ClassName, activation.Name)];
        }
        if (options.ShowLayerNames)
        {
            fields.Insert(0, layer.Name);
        }
        if (options.ShowDType)
        {
            fields.Add(layer.InboundNodes is [{ Outputs: [var output, ..] }, ..] ? output.DType : "float32");
        }
        if (options.ShowShapes)
        {
            fields =
            [
                RecordField.Of([.. fields]),
                RecordField.Of("input:", "output:"),
                RecordField.Of(RecordField.Of(InputShapes(layer)), RecordField.Of(OutputShapes(layer))),
            ];
        }
        if (options.ShowTrainable)
        {
            fields.Insert(0, layer.Trainable ? "T" : "NT");
        }
        return RecordField.Of([.. fields]);
    }

    private static string InputShapes(Layer layer) =>
        layer switch
        {
            // In Keras, an InputLayer's shape is a list of one.
            InputLayer => $"[{layer.InboundNodes[0].Outputs[0].Shape}]",
            Model model => Text([.. model.Inputs.Select(i => i.Shape)]),
            _ => Common(layer, n => [.. n.Inputs.Select(i => i.Shape)]),
        };

    private static string OutputShapes(Layer layer) =>
        layer switch
        {
            InputLayer => InputShapes(layer),
            Model model => Text([.. model.Outputs.Select(o => o.Shape)]),
            _ => Common(layer, n => [.. n.Outputs.Select(o => o.Shape)]),
        };

    /// <summary>
    /// Returns the shapes of the layer's applications if they agree, else a question mark, as in Keras.
    /// </summary>
    private static string Common(Layer layer, Func<Node, Shape[]> shapesOf)
    {
        string[] texts = [.. layer.InboundNodes.Select(n => Text(shapesOf(n))).Distinct()];
        return texts is [var text] ? text : "?";
    }

    private static string Text(Shape[] shapes) =>
        shapes is [var shape] ? shape.ToString() : $"[{string.Join(", ", shapes)}]";
}
