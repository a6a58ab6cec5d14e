using System.Globalization;
using System.Text.Json.Nodes;
using Onnx;

namespace Lamina;

/// <summary>Describes the content of a file, without reading its tensors' values.</summary>
internal static class OnnxDescription
{
    private const int MostNotes = 200;

    public static FileDescription Of(OnnxSource source)
    {
        ModelProto model = source.Model;
        GraphProto graph = model.Graph ?? throw new ModelFileException($"{source.Path}: contains no graph.");
        List<TensorDescription> tensors = [];
        foreach (TensorProto proto in graph.Initializer)
        {
            var tensor = new OnnxTensor(proto, source);
            tensors.Add(new TensorDescription(Quoted.Line(tensor.Name), tensor.TypeName, tensor.Dims, tensor.Bytes));
        }
        string[] sets =
        [
            .. model.OpsetImport.Select(o =>
                o.Domain.Length == 0 ? $"opset {o.Version}" : $"{Quoted.Line(o.Domain, 60)} {o.Version}"
            ),
        ];
        JsonObject metadata = OnnxMetadata.Read(model);
        return new FileDescription(
            string.Join(", ", [$"ONNX, IR {model.IrVersion}", .. sets.Take(20)]),
            tensors,
            [.. Notes(model, graph).Take(MostNotes)],
            metadata.Count > 0 ? metadata : null
        );
    }

    private static IEnumerable<string> Notes(ModelProto model, GraphProto graph)
    {
        string producer = $"{model.ProducerName} {model.ProducerVersion}".Trim();
        if (producer.Length > 0)
        {
            yield return $"producer: {Quoted.Line(producer, 200)}";
        }
        if (model.DocString.Length > 0)
        {
            yield return $"documentation: {Quoted.Line(model.DocString, 200)}";
        }
        yield return $"graph: {Quoted.Name(graph.Name)}, {graph.Node.Count} nodes";
        HashSet<string> initializers = [.. graph.Initializer.Select(t => t.Name)];
        foreach (ValueInfoProto input in graph.Input.Where(i => !initializers.Contains(i.Name)))
        {
            yield return $"input {Describe(input)}";
        }
        foreach (ValueInfoProto output in graph.Output)
        {
            yield return $"output {Describe(output)}";
        }
        foreach (
            IGrouping<string, NodeProto> group in graph
                .Node.GroupBy(n => n.OpType, StringComparer.Ordinal)
                .OrderByDescending(g => g.Count())
                .ThenBy(g => g.Key, StringComparer.Ordinal)
        )
        {
            yield return $"{group.Count()} × {Quoted.Line(group.Key, 60)}";
        }
    }

    private static string Describe(ValueInfoProto value)
    {
        if (value.Type?.TensorType is not { } type)
        {
            return $"{Quoted.Name(value.Name)}: not a tensor";
        }
        string element = Enum.IsDefined((TensorProto.Types.DataType)type.ElemType)
            ? ((TensorProto.Types.DataType)type.ElemType).ToString().ToUpperInvariant()
            : type.ElemType.ToString(CultureInfo.InvariantCulture);
        IEnumerable<string> dims = (type.Shape?.Dim ?? [])
            .Take(16)
            .Select(d =>
                d.HasDimValue ? d.DimValue.ToString(CultureInfo.InvariantCulture)
                : d.DimParam.Length > 0 ? Quoted.Line(d.DimParam, 40)
                : "?"
            );
        return $"{Quoted.Name(value.Name)}: {element} ({string.Join(", ", dims)})";
    }
}
