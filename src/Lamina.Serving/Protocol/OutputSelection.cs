namespace Lamina.Serving;

/// <summary>The outputs that a request asks for.</summary>
internal static class OutputSelection
{
    /// <summary>Returns what is asked for: everything that the model computes if nothing is named.</summary>
    /// <exception cref="ServingException">The model has no such output, or not so many classes.</exception>
    public static IReadOnlyList<RequestedOutput> Of(IInferenceModel model, InferenceRequest request)
    {
        if (request.Outputs.Count == 0)
        {
            return [.. model.Outputs.Select(o => new RequestedOutput { Name = o.Name })];
        }
        foreach (RequestedOutput output in request.Outputs)
        {
            TensorSpec spec =
                model.Outputs.FirstOrDefault(o => o.Name == output.Name)
                ?? throw ServingException.Invalid(
                    $"the model has no output '{output.Name}'. Its outputs: {string.Join(", ", model.Outputs.Select(o => o.Name))}."
                );
            if (output.Classification < 0 || (output.Classification > 0 && spec.Sample.Rank != 1))
            {
                throw ServingException.Invalid(
                    $"output '{output.Name}': classification needs a positive number of classes and an output of shape [-1,classes]."
                );
            }
        }
        return request.Outputs;
    }

    /// <summary>Returns the outputs of a request.</summary>
    /// <param name="version">The version that computed.</param>
    /// <param name="request">The request.</param>
    /// <param name="outputs">The outputs that it requests.</param>
    /// <param name="results">The arrays of all outputs, in the model's order.</param>
    public static InferenceResult Select(
        ServedVersion version,
        InferenceRequest request,
        IReadOnlyList<RequestedOutput> outputs,
        IReadOnlyList<NDArray> results
    )
    {
        IReadOnlyList<TensorSpec> specs = version.Model.Outputs;
        var selected = new List<OutputTensor>(outputs.Count);
        foreach (RequestedOutput output in outputs)
        {
            int index = 0;
            for (; specs[index].Name != output.Name; index++) { }
            NDArray values = results[index];
            bool binary = output.Binary ?? request.BinaryOutput;
            selected.Add(
                output.Classification == 0
                    ? new OutputTensor(output.Name, [.. values.Shape.ToArray().Select(d => (long)d)], binary)
                    {
                        Values = values.Memory,
                    }
                    : Classify(version.Model, output, values, binary)
            );
        }
        return new InferenceResult(version.ModelName, version.Version, request.Id, selected);
    }

    private static OutputTensor Classify(IInferenceModel model, RequestedOutput output, NDArray values, bool binary)
    {
        int classes = values.Shape[1]!.Value;
        int count = Math.Min(output.Classification, classes);
        IReadOnlyList<string> labels = model.Labels.Count == classes ? model.Labels : [];
        return new OutputTensor(output.Name, [values.Count, count], binary)
        {
            Strings = Classification.Of(values.Values, classes, count, labels),
        };
    }
}
