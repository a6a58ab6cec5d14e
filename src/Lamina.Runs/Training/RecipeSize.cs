namespace Lamina.Runs.Training;

/// <summary>Recipes at other input sizes.</summary>
internal static class RecipeSize
{
    /// <summary>Returns the recipe at another size. The short side keeps its ratio to the input: 256 of 224 is 73 of 64.</summary>
    public static Recipe At(Recipe recipe, int input)
    {
        RecipePreprocessing preprocessing = recipe.Preprocessing;
        int? side = preprocessing.ShortSide is { } s
            ? (int)Math.Round((double)s * input / recipe.Input, MidpointRounding.AwayFromZero)
            : null;
        return recipe with { Input = input, Preprocessing = preprocessing with { ShortSide = side } };
    }
}
