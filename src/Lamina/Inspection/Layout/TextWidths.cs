using System.Text;

namespace Lamina.Inspection.Layout;

/// <summary>
/// The widths of texts in DejaVu Sans, the font of the drawings, so that boxes fit without a font library. The numbers
/// are the font's advance widths (2.37), 2048 per em.
/// </summary>
internal static class TextWidths
{
    private const double UnitsPerEm = 2048;

    // For letters of other scripts: most are narrower; ideographs are one em.
    private const int OtherAdvance = 1400;

    // csharpier-ignore
    private static ReadOnlySpan<ushort> Ascii =>
    [
        651, 821, 942, 1716, 1303, 1946, 1597, 563, 799, 799, 1024, 1716, 651, 739, 651, 690,
        1303, 1303, 1303, 1303, 1303, 1303, 1303, 1303, 1303, 1303, 690, 690, 1716, 1716, 1716, 1087,
        2048, 1401, 1405, 1430, 1577, 1294, 1178, 1587, 1540, 604, 604, 1343, 1141, 1767, 1532, 1612,
        1235, 1612, 1423, 1300, 1251, 1499, 1401, 2025, 1403, 1251, 1403, 799, 690, 799, 1716, 1024,
        1024, 1255, 1300, 1126, 1300, 1260, 721, 1300, 1298, 569, 569, 1186, 569, 1995, 1298, 1253,
        1300, 1300, 842, 1067, 803, 1298, 1212, 1675, 1212, 1212, 1075, 1303, 690, 1303, 1716,
    ];

    // csharpier-ignore
    private static ReadOnlySpan<ushort> Latin1 =>
    [
        651, 821, 1303, 1303, 1303, 1303, 690, 1024, 1024, 2048, 965, 1253, 1716, 739, 2048, 1024,
        1024, 1716, 821, 821, 1024, 1303, 1303, 651, 1024, 821, 965, 1253, 1985, 1985, 1985, 1087,
        1401, 1401, 1401, 1401, 1401, 1401, 1995, 1430, 1294, 1294, 1294, 1294, 604, 604, 604, 604,
        1587, 1532, 1612, 1612, 1612, 1612, 1612, 1716, 1612, 1499, 1499, 1499, 1499, 1251, 1239, 1290,
        1255, 1255, 1255, 1255, 1255, 1255, 2011, 1126, 1260, 1260, 1260, 1260, 569, 569, 569, 569,
        1253, 1298, 1253, 1253, 1253, 1253, 1253, 1716, 1253, 1298, 1298, 1298, 1298, 1212, 1300, 1212,
    ];

    /// <summary>Returns the width of a line of text, in points.</summary>
    public static double Of(string text, double fontSize)
    {
        long units = 0;
        foreach (Rune rune in text.EnumerateRunes())
        {
            units += Advance(rune.Value);
        }
        return units * fontSize / UnitsPerEm;
    }

    private static int Advance(int c) =>
        c switch
        {
            >= 0x20 and <= 0x7e => Ascii[c - 0x20],
            >= 0xa0 and <= 0xff => Latin1[c - 0xa0],
            >= 0x2e80 => (int)UnitsPerEm,
            _ => OtherAdvance,
        };
}
