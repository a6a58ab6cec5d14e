using System.Collections.Concurrent;
using System.Text;
using SkiaSharp;

namespace Lamina.Drawing;

/// <summary>System fonts for characters that the shipped fonts lack.</summary>
internal sealed class FallbackFonts
{
    private readonly SKFontManager? _manager;
    private readonly ConcurrentDictionary<(int Character, bool Bold), SKTypeface?> _found = new();
    private readonly Lazy<IReadOnlyList<string>> _families;

    private FallbackFonts(SKFontManager? manager)
    {
        _manager = manager;
        _families = new(() => [.. (manager?.FontFamilies ?? []).Order(StringComparer.Ordinal)]);
    }

    /// <summary>The installed fonts.</summary>
    public static FallbackFonts System { get; } = new(SKFontManager.Default);

    /// <summary>No fonts, as on a machine without any.</summary>
    public static FallbackFonts None { get; } = new(null);

    /// <summary>Returns a font with every visible character of a text; <see langword="null"/> if there is none.</summary>
    public SKTypeface? Find(string text, bool bold)
    {
        if (_manager is null || Visible(text).FirstOrDefault() is not { Value: > 0 } first)
        {
            return null;
        }
        SKTypeface? face = _found.GetOrAdd((first.Value, bold), key => Search(key.Character, key.Bold));
        return face is not null && Covers(face, text) ? face : null;
    }

    /// <summary>Returns <see langword="true"/> if a font contains every visible character of a text.</summary>
    public static bool Covers(SKTypeface face, string text) => Visible(text).All(r => face.ContainsGlyph(r.Value));

    private SKTypeface? Search(int character, bool bold)
    {
        SKFontStyle style = bold ? SKFontStyle.Bold : SKFontStyle.Normal;
        if (_manager!.MatchCharacter(null, style, null, character) is { } match && Draws(match, character))
        {
            return match;
        }
        // Skia without fontconfig lists the installed fonts but does not search them by character.
        return _families
            .Value.Select(family => _manager.MatchFamily(family, style))
            .FirstOrDefault(face => face is not null && Draws(face, character));
    }

    /// <summary>The "last resort" font of macOS has a box for every character.</summary>
    private static bool Draws(SKTypeface face, int character) =>
        face.ContainsGlyph(character) && !face.FamilyName.Contains("LastResort", StringComparison.OrdinalIgnoreCase);

    /// <summary>Returns the characters that need a glyph; joiners and variation selectors only choose among glyphs.</summary>
    private static IEnumerable<Rune> Visible(string text) =>
        text.EnumerateRunes()
            .Where(r => Rune.GetUnicodeCategory(r) is not global::System.Globalization.UnicodeCategory.Format)
            .Where(r => r.Value is not (>= 0xFE00 and <= 0xFE0F));
}
