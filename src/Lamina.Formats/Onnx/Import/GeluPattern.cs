namespace Lamina;

/// <summary>
/// Recognizes gelu around an Erf, as PyTorch and Lamina write it: x / √2, Erf, + 1, times x and a half in any order.
/// </summary>
internal static class GeluPattern
{
    /// <summary>Returns the input of gelu, and the name of its result.</summary>
    public static (ImportedValue X, string Output)? Find(ImportedNode erf, ImportContext context)
    {
        if (erf.Inputs.Count != 1 || context.Producer(erf.Inputs[0]) is not { Inputs.Count: 2 } scaled)
        {
            return null;
        }
        bool isDivided = scaled.Operator == "Div";
        double factor = isDivided ? Math.Sqrt(2) : 1 / Math.Sqrt(2);
        if (!(isDivided || scaled.Operator == "Mul") || !Is(scaled.Inputs[1], factor, context))
        {
            return null;
        }
        string x = scaled.Inputs[0];
        if (Next(erf.Outputs[0], "Add", context) is not { } sum || !Is(Other(sum, erf.Outputs[0]), 1, context))
        {
            return null;
        }
        if (Next(sum.Outputs[0], "Mul", context) is not { } first)
        {
            return null;
        }
        string partner = Other(first, sum.Outputs[0]);
        bool isHalved =
            context.Producer(partner) is { Operator: "Mul", Inputs.Count: 2 } half && IsHalfOf(half, x, context);
        if (context.Find(x) is not { Constant: null } value)
        {
            return null;
        }
        if (isHalved)
        {
            Done(erf.Outputs[0], sum.Outputs[0]);
            return (value, first.Outputs[0]);
        }
        bool isX = partner == x;
        if ((isX || Is(partner, 0.5, context)) && Next(first.Outputs[0], "Mul", context) is { } second)
        {
            string last = Other(second, first.Outputs[0]);
            if (isX ? Is(last, 0.5, context) : last == x)
            {
                Done(erf.Outputs[0], sum.Outputs[0], first.Outputs[0]);
                return (value, second.Outputs[0]);
            }
        }
        return null;

        void Done(params ReadOnlySpan<string> values)
        {
            foreach (string read in values)
            {
                context.MarkDone(read);
            }
        }
    }

    private static ImportedNode? Next(string value, string operation, ImportContext context) =>
        context.OnlyReader(value) is { Inputs.Count: 2, Outputs.Count: 1 } node && node.Operator == operation
            ? node
            : null;

    private static string Other(ImportedNode node, string input) => node.Inputs[node.Inputs[0] == input ? 1 : 0];

    private static bool IsHalfOf(ImportedNode node, string x, ImportContext context) =>
        (node.Inputs[0] == x && Is(node.Inputs[1], 0.5, context))
        || (node.Inputs[1] == x && Is(node.Inputs[0], 0.5, context));

    private static bool Is(string name, double number, ImportContext context)
    {
        if (context.Find(name)?.Constant is not { Count: 1, IsReal: true } constant)
        {
            return false;
        }
        Span<float> value = stackalloc float[1];
        constant.Read(value);
        return Math.Abs(value[0] - number) < 1e-5;
    }
}
