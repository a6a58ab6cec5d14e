using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using Onnx;

namespace Lamina;

/// <summary>Walks a model's ops from inputs to outputs and writes each as nodes.</summary>
internal sealed class OnnxExporter(Model model, OnnxExportOptions options)
{
    public const long IrVersion = 8;
    public const long OperatorSet = 17;

    /// <summary>ONNX's name of the dimension of channels.</summary>
    public const string ChannelDenotation = "DATA_CHANNEL";

    // Protocol buffers are limited to 2 GiB; the graph without its weights is far below the remainder.
    private const long MaxWeightBytes = int.MaxValue - (32L << 20);

    private readonly ExportContext _context = new(model, options);

    /// <summary>Returns the model's file, with the values of its weights.</summary>
    /// <param name="path">The file's name in errors.</param>
    public ModelProto Export(string path)
    {
        if (model.HasUnknownSizes)
        {
            throw new LaminaException(
                $"{model}: the sizes of its inputs are unknown. Export model.ForInput(shape), which is the model for one size."
            );
        }
        ValueInfoProto[] inputs = [.. model.Inputs.Select(AddInput)];
        foreach (OpNode node in Ordered())
        {
            Emit(node);
        }
        ValueInfoProto[] outputs = AddOutputs();
        (GraphProto graph, IReadOnlyList<OnnxConstant> constants) = _context.Graph.Build(
            model.Name,
            outputs.Select(o => o.Name)
        );
        long bytes = constants.Sum(c => c.Bytes);
        if (bytes > MaxWeightBytes)
        {
            throw new LaminaException(
                $"{path}: {model} has {bytes >> 20} MiB of weights, but an ONNX file contains at most 2 GiB. Save it as safetensors or .lamina."
            );
        }
        foreach (OnnxConstant constant in constants)
        {
            constant.Complete();
        }
        graph.Input.Add(inputs);
        graph.Output.Add(outputs);
        return Wrap(graph);
    }

    private ModelProto Wrap(GraphProto graph)
    {
        var file = new ModelProto
        {
            IrVersion = IrVersion,
            ProducerName = "Lamina",
            ProducerVersion = typeof(OnnxExporter).Assembly.GetName().Version?.ToString(3) ?? "",
            DocString = options.DocString ?? $"{model.Name}: a model of Lamina's, for inference.",
            Graph = graph,
        };
        file.OpsetImport.Add(new OperatorSetIdProto { Domain = "", Version = OperatorSet });
        foreach ((string key, JsonNode? value) in options.Metadata ?? [])
        {
            string text =
                value is JsonValue v && v.GetValueKind() == JsonValueKind.String
                    ? v.GetValue<string>()
                    : value?.ToJsonString() ?? "null";
            file.MetadataProps.Add(new StringStringEntryProto { Key = key, Value = text });
        }
        return file;
    }

    private ValueInfoProto AddInput(Symbol input)
    {
        bool isFirst = IsImage(input.Shape) && options.Layout == OnnxLayout.Nchw;
        AxisOrder order = isFirst ? AxisOrder.First : AxisOrder.Last;
        string name = _context.Graph.NewValue(input.Layer!.Name);
        _context[input.Producer] = new ExportedTensor(input.Shape) { [order] = name };
        return Describe(name, input.Shape, order, "The model's input");
    }

    private ValueInfoProto[] AddOutputs()
    {
        var taken = new HashSet<string>(StringComparer.Ordinal);
        var wanted = new UniqueNames();
        foreach (Symbol input in model.Inputs)
        {
            _ = wanted.Take(input.Layer!.Name);
        }
        var outputs = new List<(string Value, string Name, Symbol Symbol, AxisOrder Order)>();
        foreach (Symbol symbol in model.Outputs)
        {
            bool isFirst = IsImage(symbol.Shape) && options.Layout == OnnxLayout.Nchw;
            AxisOrder order = isFirst ? AxisOrder.First : AxisOrder.Last;
            string value = _context.Name(_context[symbol.Producer], order);
            string name = wanted.Take(_context.LayerPath(symbol.Layer!));
            // An input, or a value that is an output already, is output through a separate node.
            if (!_context.Graph.IsMade(value) || !taken.Add(value))
            {
                value = _context.Graph.Add("Identity", name, name, [value]);
                taken.Add(value);
            }
            outputs.Add((value, name, symbol, order));
        }
        var result = new ValueInfoProto[outputs.Count];
        for (int i = 0; i < result.Length; i++)
        {
            (string value, string name, Symbol symbol, AxisOrder order) = outputs[i];
            foreach ((string from, string to) in _context.Graph.Rename(value, name))
            {
                for (int j = i + 1; j < outputs.Count; j++)
                {
                    outputs[j] = outputs[j].Value == from ? outputs[j] with { Value = to } : outputs[j];
                }
            }
            result[i] = Describe(name, symbol.Shape, order, "The model's output");
        }
        return result;
    }

    private static bool IsImage(Shape shape) => shape.Rank == 4;

    private static ValueInfoProto Describe(string name, Shape shape, AxisOrder order, string what)
    {
        var type = new TypeProto.Types.Tensor
        {
            ElemType = (int)TensorProto.Types.DataType.Float,
            Shape = new TensorShapeProto(),
        };
        int[] axes =
            order == AxisOrder.First ? ExportedTensor.FirstOrder(shape.Rank) : [.. Enumerable.Range(0, shape.Rank)];
        foreach (int axis in axes)
        {
            var dimension = new TensorShapeProto.Types.Dimension();
            if (shape[axis] is { } size)
            {
                dimension.DimValue = size;
            }
            else
            {
                dimension.DimParam = "N";
            }
            if (IsImage(shape))
            {
                dimension.Denotation =
                    axis == 0 ? "DATA_BATCH"
                    : axis == 3 ? ChannelDenotation
                    : "DATA_FEATURE";
            }
            type.Shape.Dim.Add(dimension);
        }
        string letters =
            order == AxisOrder.First ? "NCHW"
            : IsImage(shape) ? "NHWC"
            : "";
        string layout = letters.Length > 0 ? string.Create(CultureInfo.InvariantCulture, $", {letters}") : "";
        return new ValueInfoProto
        {
            Name = name,
            DocString = $"{what}, float32{layout}.",
            Type = new TypeProto { TensorType = type },
        };
    }

    private void Emit(OpNode node)
    {
        Action emit = node.Op switch
        {
            ConvolutionOp op => () => ConvolutionExport.Emit(op, node, _context),
            LinearOp => () => LinearExport.Emit(node, _context),
            MaxPoolOp op => () => PoolExport.Emit(op, node, _context),
            AveragePoolOp op => () => PoolExport.Emit(op, node, _context),
            AdaptiveAveragePoolOp op => () => PoolExport.Emit(op, node, _context),
            BatchNormalizationOp op => () => NormalizationExport.Emit(op, node, _context),
            LocalResponseNormalizationOp op => () => NormalizationExport.Emit(op, node, _context),
            ActivationOp op => () => ActivationExport.Emit(op, node, _context),
            SoftmaxOp op => () => ActivationExport.Emit(op, node, _context),
            // The identity in inference.
            DropoutOp => () => _context[node] = _context.Tensor(node, 0),
            PhaseOp => () => _context[node] = _context.Tensor(node, PhaseOp.Inference),
            ConvolutionTransposeOp op => () => ConvolutionTransposeExport.Emit(op, node, _context),
            RandomOp op => () => SampleExport.Emit(op, node, _context),
            SampleOp op => () => SampleExport.Emit(op, node, _context),
            AddOp => () => ArithmeticExport.EmitMerge("Add", node, _context),
            MultiplyOp => () => ArithmeticExport.EmitMerge("Mul", node, _context),
            RescaleOp op => () => ArithmeticExport.Emit(op, node, _context),
            MeanOp op => () => ArithmeticExport.Emit(op, node, _context),
            ConstantOp op => () => ElementwiseExport.Emit(op, node, _context),
            UnaryOp op => () => ElementwiseExport.Emit(op, node, _context),
            ClipOp op => () => ElementwiseExport.Emit(op, node, _context),
            BinaryOp op => () => ElementwiseExport.Emit(op, node, _context),
            WhereOp => () => ElementwiseExport.EmitWhere(node, _context),
            ReduceOp op => () => ReduceExport.Emit(op, node, _context),
            ArgMaxOp op => () => ReduceExport.Emit(op, node, _context),
            OneHotOp op => () => ReduceExport.Emit(op, node, _context),
            MatMulOp => () => ReduceExport.EmitProduct(node, _context),
            LogSoftmaxOp => () => ReduceExport.EmitLogSoftmax(node, _context),
            ReshapeOp op => () => LayoutExport.Emit(op, node, _context),
            TransposeOp op => () => LayoutExport.Emit(op, node, _context),
            PadOp op => () => LayoutExport.Emit(op, node, _context),
            ConcatOp op => () => LayoutExport.Emit(op, node, _context),
            SliceOp op => () => LayoutExport.Emit(op, node, _context),
            _ => throw new LaminaException(
                $"{model}: the op '{node.Op.Name}' of {node.Layer} cannot be exported to ONNX."
            ),
        };
        emit();
    }

    /// <summary>Returns the ops in an executable order, and records the readers of each.</summary>
    private List<OpNode> Ordered()
    {
        var order = new List<OpNode>();
        HashSet<OpNode> visited = [];
        Stack<(OpNode Node, int Next)> open = new();
        foreach (Symbol output in model.Outputs)
        {
            Enter(output.Producer);
            Read(output.Producer, null);
            // An explicit stack, because a graph may be deeper than the thread's stack.
            while (open.TryPop(out (OpNode Node, int Next) top))
            {
                if (top.Node.Op is PhaseOp && top.Next == PhaseOp.Training)
                {
                    open.Push((top.Node, PhaseOp.Inference));
                }
                else if (top.Next < top.Node.Inputs.Count)
                {
                    open.Push((top.Node, top.Next + 1));
                    OpNode source = top.Node.Inputs[top.Next].Producer;
                    Read(source, top.Node);
                    Enter(source);
                }
                else if (top.Node.Op is not ParameterOp && !_context.IsDone(top.Node))
                {
                    order.Add(top.Node);
                }
            }
        }
        return order;

        void Enter(OpNode node)
        {
            if (visited.Add(node))
            {
                open.Push((node, 0));
            }
        }

        void Read(OpNode source, OpNode? reader)
        {
            if (!_context.Readers.TryGetValue(source, out List<OpNode?>? readers))
            {
                _context.Readers.Add(source, readers = []);
            }
            readers.Add(reader);
        }
    }
}
