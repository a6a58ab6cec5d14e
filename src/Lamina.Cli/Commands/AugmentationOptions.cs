using System.CommandLine;
using System.Text.Json.Nodes;

namespace Lamina.Cli;

/// <summary>The options that override a recipe's augmentation of training images.</summary>
internal sealed class AugmentationOptions
{
    private const double MostAlpha = 1000;

    private readonly Option<bool?> _flip = new("--flip")
    {
        Description = "Mirrors training images at random; false for off.",
    };
    private readonly Option<double?> _shift = NumberOption.RealOrNone(
        "--shift",
        "Shifts training images at random, by up to this fraction of their size; 0 for off.",
        0,
        1,
        true
    );
    private readonly Option<double?> _rotate = NumberOption.RealOrNone(
        "--rotate",
        "Rotates training images at random, by up to this many degrees; 0 for off.",
        0,
        180,
        true
    );
    private readonly Option<double?> _erase = NumberOption.RealOrNone(
        "--erase",
        "Erases a random rectangle in this fraction of the training images; 0 for off.",
        0,
        1,
        true
    );
    private readonly Option<double?> _mixUp = NumberOption.RealOrNone(
        "--mixup",
        "Averages pairs of training images and labels (mixup) with this alpha, usually 0.1 to 0.4; 0 for off.",
        0,
        MostAlpha,
        true
    );
    private readonly Option<double?> _cutMix = NumberOption.RealOrNone(
        "--cutmix",
        "Pastes part of one training image into another (CutMix) with this alpha, usually 1; 0 for off.",
        0,
        MostAlpha,
        true
    );

    /// <summary>The options, in the order of the help.</summary>
    public IReadOnlyList<Option> All => [_flip, _shift, _rotate, _erase, _mixUp, _cutMix];

    /// <summary>Returns the recipe with the options applied.</summary>
    /// <param name="parsed">The command line.</param>
    /// <param name="recipe">The recipe to change.</param>
    public Recipe Apply(ParseResult parsed, Recipe recipe) =>
        recipe with
        {
            Augmentation = Augmentation(parsed, recipe.Augmentation),
            Mixing = Mixing(parsed, recipe.Mixing),
        };

    private List<JsonObject> Augmentation(ParseResult parsed, IReadOnlyList<JsonObject> recipes)
    {
        List<JsonObject> all = [.. recipes];
        if (parsed.GetValue(_flip) is { } flip)
        {
            Set("random_flip", flip ? new JsonObject { ["name"] = "random_flip" } : null);
        }
        SetNumber(_shift, "random_shift", "share");
        SetNumber(_rotate, "random_rotation", "degrees");
        SetNumber(_erase, "random_erasing", "probability");
        return all;

        // Keeps the recipe's other settings of the augmentation, such as the fill of an erased rectangle.
        void SetNumber(Option<double?> option, string name, string key)
        {
            if (parsed.GetValue(option) is { } value)
            {
                JsonObject? changed = null;
                if (value > 0)
                {
                    JsonObject? own = recipes.FirstOrDefault(a => IsNamed(a, name));
                    changed = own?.DeepClone().AsObject() ?? new JsonObject { ["name"] = name };
                    changed[key] = value;
                }
                Set(name, changed);
            }
        }

        void Set(string name, JsonObject? augmentation)
        {
            int at = all.FindIndex(a => IsNamed(a, name));
            all.RemoveAll(a => IsNamed(a, name));
            if (augmentation is not null)
            {
                all.Insert(at < 0 ? all.Count : at, augmentation);
            }
        }
    }

    private JsonObject? Mixing(ParseResult parsed, JsonObject? recipes)
    {
        if (parsed.GetValue(_mixUp) is null && parsed.GetValue(_cutMix) is null)
        {
            return recipes;
        }
        JsonObject mixing = recipes?.DeepClone().AsObject() ?? [];
        mixing["mixup"] = parsed.GetValue(_mixUp) ?? mixing["mixup"]?.DeepClone() ?? 0.0;
        mixing["cutmix"] = parsed.GetValue(_cutMix) ?? mixing["cutmix"]?.DeepClone() ?? 0.0;
        return mixing;
    }

    private static bool IsNamed(JsonObject augmentation, string name) => augmentation["name"]?.ToString() == name;
}
