using System.Collections;
using System.Globalization;

namespace Lamina;

/// <summary>Copies arrays of .NET to float32.</summary>
internal static class NDArrayConversion
{
    /// <summary>Copies a rectangular or jagged array of numbers.</summary>
    /// <exception cref="ArgumentException">The elements are not numbers, or rows have different lengths.</exception>
    public static NDArray From(Array source)
    {
        List<int> dims = [];
        Measure(source, 0, dims);
        var result = new NDArray(Shape.Of([.. dims]));
        int next = 0;
        Fill(source, 0, dims, result.Values, ref next);
        return result;
    }

    // The first element of each depth says how long all of them must be.
    private static void Measure(Array source, int depth, List<int> dims)
    {
        for (int i = 0; i < source.Rank; i++)
        {
            dims.Add(source.GetLength(i));
        }
        if (source.Length > 0 && First(source) is Array inner)
        {
            Measure(inner, depth + source.Rank, dims);
        }
    }

    private static object? First(Array source)
    {
        IEnumerator elements = source.GetEnumerator();
        return elements.MoveNext() ? elements.Current : null;
    }

    private static void Fill(Array source, int depth, List<int> dims, Span<float> values, ref int next)
    {
        for (int i = 0; i < source.Rank; i++)
        {
            if (depth + i >= dims.Count || source.GetLength(i) != dims[depth + i])
            {
                throw new ArgumentException(
                    $"The rows of the array have different lengths: {source.GetLength(i)} and {(depth + i < dims.Count ? dims[depth + i] : 0)}. Pass a rectangular array.",
                    nameof(source)
                );
            }
        }
        bool isInnermost = depth + source.Rank == dims.Count;
        foreach (object? element in source)
        {
            if (isInnermost)
            {
                values[next++] = Number(element);
            }
            else
            {
                Fill(
                    element as Array ?? throw new ArgumentException("A row of the array is missing.", nameof(source)),
                    depth + source.Rank,
                    dims,
                    values,
                    ref next
                );
            }
        }
    }

    private static float Number(object? element) =>
        element switch
        {
            float value => value,
            double value => (float)value,
            int value => value,
            byte value => value,
            bool value => value ? 1 : 0,
            sbyte or short or ushort or uint or long or ulong or decimal or Half => Convert.ToSingle(
                element is Half half ? (float)half : element,
                CultureInfo.InvariantCulture
            ),
            _ => throw new ArgumentException(
                $"The array's elements are {element?.GetType().Name ?? "missing"}; they must be numbers.",
                nameof(element)
            ),
        };
}
