namespace Lamina.Torch.Kernels;

/// <summary>
/// A kernel that gathers the pixels around each point, one (nearest) or four (bilinear); backward adds the gradient to
/// them.
/// </summary>
internal sealed class SampleKernel(OpNode node, SampleOp op) : Kernel(node)
{
    private readonly long _height = node.Inputs[0].Shape[1]!.Value;
    private readonly long _width = node.Inputs[0].Shape[2]!.Value;
    private readonly long _channels = node.Inputs[0].Shape[3]!.Value;

    public override long ForwardWorkspace(int batch, bool training) => (3 * OutputBytes(batch)) + PointBytes(batch);

    public override long BackwardWorkspace(int batch, ReadOnlySpan<bool> wanted) =>
        wanted[0] ? (2 * OutputBytes(batch)) + PointBytes(batch) : 0;

    public override bool BackwardReadsInput(int index) => index == 1;

    public override bool BackwardReadsOutput => false;

    public override Tensor Forward(in StepContext step, ReadOnlySpan<Tensor> inputs, bool overwrite)
    {
        using Tensor pixels = inputs[0].View(inputs[0].Sizes[0], _height * _width, _channels);
        Tensor? sum = null;
        foreach (Tap tap in Taps(inputs[1]))
        {
            using (tap)
            {
                Tensor values = tap.Gather(pixels, op.FillValue);
                if (sum is null)
                {
                    sum = values;
                    continue;
                }
                using Tensor before = sum;
                using (values)
                {
                    sum = Aten.Add(before, values);
                }
            }
        }
        using (sum)
        {
            return sum!.View(Layout.SizesOf(Node.Output, inputs[0].Sizes[0]));
        }
    }

    public override void Backward(
        in StepContext step,
        ReadOnlySpan<Tensor?> inputs,
        Tensor? output,
        Tensor gradient,
        ReadOnlySpan<bool> wanted,
        Span<Tensor?> results
    )
    {
        using (gradient)
        {
            if (!wanted[0])
            {
                return;
            }
            long batch = gradient.Sizes[0];
            using Tensor result = Tensor.Zeros([batch, _height * _width, _channels], gradient.DType, gradient.Device);
            using Tensor rows = gradient.View(batch, gradient.Sizes[1] * gradient.Sizes[2], _channels);
            foreach (Tap tap in Taps(inputs[1]!))
            {
                using (tap)
                {
                    tap.Scatter(rows, result);
                }
            }
            results[0] = result.View(batch, _height, _width, _channels);
        }
    }

    private long PointBytes(int batch) => 8 * InputBytes(1, batch);

    private IEnumerable<Tap> Taps(Tensor points)
    {
        using Tensor rows = Coordinate(points, 0);
        using Tensor columns = Coordinate(points, 1);
        if (op.IsNearest)
        {
            using Tensor upRow = Aten.Add(rows, 0.5);
            using Tensor upColumn = Aten.Add(columns, 0.5);
            using Tensor row = Aten.Unary("aten::floor"u8, upRow);
            using Tensor column = Aten.Unary("aten::floor"u8, upColumn);
            yield return Tap.Of(op.Fill, row, column, (_height, _width), _channels, null);
            yield break;
        }
        using Tensor top = Aten.Unary("aten::floor"u8, rows);
        using Tensor left = Aten.Unary("aten::floor"u8, columns);
        using Tensor down = Aten.Subtract(rows, top);
        using Tensor right = Aten.Subtract(columns, left);
        for (int i = 0; i < 4; i++)
        {
            using Tensor row = Aten.Add(top, i / 2);
            using Tensor column = Aten.Add(left, i % 2);
            using Tensor ofRow = Share(down, i / 2 == 1);
            using Tensor ofColumn = Share(right, i % 2 == 1);
            using Tensor weight = Aten.Mul(ofRow, ofColumn);
            yield return Tap.Of(op.Fill, row, column, (_height, _width), _channels, weight);
        }
    }

    // The share of the pixel after a point is the distance from the one before it.
    private static Tensor Share(Tensor distance, bool isAfter)
    {
        if (isAfter)
        {
            return distance.Duplicate();
        }
        using Tensor one = Tensor.Scalar(1);
        return Aten.Subtract(one, distance);
    }

    private static Tensor Coordinate(Tensor points, int which)
    {
        using Tensor one = Layout.TakeContiguous(Aten.Narrow(points, 3, which, 1));
        return one.View(points.Sizes[0], points.Sizes[1] * points.Sizes[2]);
    }

    /// <summary>One pixel for each point: its index, whether it exists, and its weight.</summary>
    private sealed class Tap(Tensor index, Tensor? exists, Tensor? weight, long channels) : IDisposable
    {
        public static Tap Of(
            FillMode fill,
            Tensor row,
            Tensor column,
            (long Height, long Width) size,
            long channels,
            Tensor? weight
        )
        {
            Tensor? exists = null;
            if (fill == FillMode.Constant)
            {
                using Tensor inRows = Inside(row, size.Height);
                using Tensor inColumns = Inside(column, size.Width);
                exists = Aten.And(inRows, inColumns);
            }
            using Tensor r = Fixed(fill, row, size.Height);
            using Tensor c = Fixed(fill, column, size.Width);
            using Tensor start = Aten.Mul(r, size.Width);
            Tensor index = Aten.TakeAs(Aten.Add(start, c), DType.Int64);
            return new Tap(index, exists, weight?.Duplicate(), channels);
        }

        /// <summary>Returns the weighted values of the pixels, (N, points, C).</summary>
        public Tensor Gather(Tensor pixels, double fillValue)
        {
            using Tensor at = Expanded(index);
            Tensor values = Dispatcher.Call("aten::gather"u8, default, pixels, 1L, at, false);
            if (exists is not null)
            {
                using Tensor mask = Column(exists);
                using Tensor other = Tensor.Scalar(fillValue);
                using Tensor all = values;
                values = Aten.Where(mask, all, other);
            }
            Weigh(values);
            return values;
        }

        /// <summary>Adds the weighted gradient of each point, (N, points, C), to its pixel.</summary>
        public void Scatter(Tensor gradient, Tensor result)
        {
            using Tensor values = Aten.Clone(gradient);
            if (exists is not null)
            {
                using Tensor mask = Column(exists);
                Aten.MulInPlace(values, mask);
            }
            Weigh(values);
            using Tensor at = Expanded(index);
            Dispatcher.CallInPlace("aten::scatter_add_"u8, default, result, 1L, at, values);
        }

        public void Dispose()
        {
            index.Dispose();
            exists?.Dispose();
            weight?.Dispose();
        }

        private void Weigh(Tensor values)
        {
            if (weight is not null)
            {
                using Tensor column = Column(weight);
                Aten.MulInPlace(values, column);
            }
        }

        private Tensor Expanded(Tensor x) => x.Restride([x.Sizes[0], x.Sizes[1], channels], [x.Sizes[1], 1, 0]);

        private static Tensor Column(Tensor x) => x.View(x.Sizes[0], x.Sizes[1], 1);

        private static Tensor Inside(Tensor x, long size)
        {
            using Tensor above = Aten.Binary("aten::ge"u8, x, 0);
            using Tensor below = Aten.AtMostMask(x, size - 1);
            return Aten.And(above, below);
        }

        private static Tensor Fixed(FillMode fill, Tensor x, long size)
        {
            switch (fill)
            {
                case FillMode.Reflect:
                    using (Tensor turn = Aten.Binary("aten::remainder"u8, x, 2 * size))
                    using (Tensor negative = Aten.Unary("aten::neg"u8, turn))
                    using (Tensor back = Aten.Add(negative, (2 * size) - 1))
                    {
                        return Aten.Binary("aten::minimum"u8, default, turn, back);
                    }
                case FillMode.Wrap:
                    return Aten.Binary("aten::remainder"u8, x, size);
                default:
                    return Aten.Clamp(x, 0, size - 1);
            }
        }
    }
}
