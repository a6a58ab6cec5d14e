using System.Text.Json;
using System.Text.Json.Nodes;

namespace Lamina;

/// <summary>
/// The training of a network as data: the model, what is done to images, the optimizer, its schedule. A recipe is a JSON
/// object that can be printed, copied, changed and read again; <see cref="Names"/> are those that come with Lamina.
/// </summary>
public sealed record Recipe
{
    private const string Folder = "Recipes/";
    private const string StatisticsKey = "statistics_images";
    private const int StandardStatisticsImages = 1024;
    private const int StandardEpochs = 90;
    private const int FewestEpochs = 5;
    private const int MostEpochs = 60;
    private static readonly JsonSerializerOptions s_indented = new()
    {
        WriteIndented = true,
        Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
    };

    /// <summary>The recipe's name.</summary>
    public required string Name { get; init; }

    /// <summary>The description, one line.</summary>
    public string Description { get; init; } = "";

    /// <summary>The publication that it comes from.</summary>
    public string Source { get; init; } = "";

    /// <summary>The model, one of <see cref="Zoo.Names"/>.</summary>
    public required string Model { get; init; }

    /// <summary>The side of the square input in pixels.</summary>
    public int Input { get; init; } = 224;

    /// <summary>The input's channels, 1 for gray or 3 for color; <see langword="null"/> for the model's own.</summary>
    public int? Channels { get; init; }

    /// <summary>The dropout's rate; <see langword="null"/> for the model's own.</summary>
    public double? Dropout { get; init; }

    /// <summary>
    /// The Keras name of the initializer of all kernels, with biases at 0; <see langword="null"/> for the model's own.
    /// </summary>
    public string? Initializer { get; init; }

    /// <summary>The number of passes over all images, unless <see cref="Images"/> sets it; setting it clears that.</summary>
    public int Epochs
    {
        get;
        init
        {
            field = value;
            Images = null;
        }
    } = StandardEpochs;

    /// <summary>
    /// The number of images to see in training, from which <see cref="ForImages"/> computes the epochs of a data set, so that
    /// few images are seen more often and the time stays the same; <see langword="null"/> for <see cref="Epochs"/> as it is.
    /// </summary>
    public int? Images { get; init; }

    /// <summary>Images in an update.</summary>
    public int Batch { get; init; } = 128;

    /// <summary>
    /// Images computed at a time; the gradients of several make one update (gradient accumulation). <see langword="null"/>:
    /// the whole batch.
    /// </summary>
    public int? MicroBatch { get; init; }

    /// <summary>The optimizer's config, as <c>Optimizer.FromConfig</c> takes it.</summary>
    public required JsonObject Optimizer { get; init; }

    /// <summary>The schedule of the learning rate.</summary>
    public RecipeSchedule Schedule { get; init; } = new();

    /// <summary>The share of the target that is spread over all classes, 0 to below 1.</summary>
    public double LabelSmoothing { get; init; }

    /// <summary>
    /// The number of training images for estimating batch normalization's statistics after each epoch; 0 for Keras's moving
    /// averages, which lag where there are few steps. Default: 1,024. Models without batch normalization have none.
    /// </summary>
    public int StatisticsImages { get; init; } = StandardStatisticsImages;

    /// <summary>The preprocessing of images.</summary>
    public RecipePreprocessing Preprocessing { get; init; } = new();

    /// <summary>The random changes in training, as <c>Augmentation.FromJson</c> takes them.</summary>
    public IReadOnlyList<JsonObject> Augmentation { get; init; } = [];

    /// <summary>
    /// The mixing of pairs of training images (mixup, cutmix), as <c>Mixing.FromJson</c> reads it;
    /// <see langword="null"/> for no mixing.
    /// </summary>
    public JsonObject? Mixing { get; init; }

    /// <summary>The crops of an image that are averaged in the test after training: 1, 2 (with the mirror image), or the paper's 10.</summary>
    public int Crops { get; init; } = 1;

    /// <summary>The recipes that come with Lamina.</summary>
    public static IReadOnlyList<string> Names { get; } =
    ["standard", "tutorial", "modern", "paper", "caffe", "torchvision", "d2l", "lars"];

    /// <summary>One of the recipes that come with Lamina.</summary>
    /// <exception cref="ConfigException">There is none of this name.</exception>
    public static Recipe Get(string name)
    {
        if (!Names.Contains(name))
        {
            throw new ConfigException(
                $"There is no recipe '{name}'. Use one of {string.Join(", ", Names)}, or a JSON file."
            );
        }
        using Stream stream = typeof(Recipe).Assembly.GetManifestResourceStream($"{Folder}{name}.json")!;
        using var reader = new StreamReader(stream);
        return FromJson(reader.ReadToEnd(), name);
    }

    /// <summary>Reads a recipe.</summary>
    /// <param name="json">A JSON object; comments and trailing commas are allowed.</param>
    /// <param name="file">The name in errors.</param>
    /// <exception cref="ConfigException">
    /// It is not JSON, lacks a key, has one that no recipe has, or a value out of its range; the message names file and key.
    /// </exception>
    public static Recipe FromJson(string json, string file = "the recipe")
    {
        ArgumentNullException.ThrowIfNull(json);
        JsonNode? node;
        try
        {
            node = JsonNode.Parse(
                json,
                documentOptions: new JsonDocumentOptions
                {
                    AllowTrailingCommas = true,
                    CommentHandling = JsonCommentHandling.Skip,
                    AllowDuplicateProperties = false,
                }
            );
        }
        catch (JsonException e)
        {
            throw new ConfigException(
                $"{file}: is not valid JSON (line {e.LineNumber + 1}, byte {e.BytePositionInLine + 1}), or has a key twice."
            );
        }
        return node is JsonObject found
            ? Read(found, file)
            : throw new ConfigException($"{file}: a recipe is a JSON object with a \"model\" and an \"optimizer\".");
    }

    /// <summary>Returns the recipe for a data set of this size: with its epochs in place of <see cref="Images"/>.</summary>
    /// <param name="count">The number of training images, at least 1.</param>
    /// <returns>
    /// This recipe if <see cref="Images"/> is <see langword="null"/>; else one that sees as many images in whole epochs, but in
    /// no fewer than 5 and no more than 60.
    /// </returns>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="count"/> is below 1.</exception>
    public Recipe ForImages(int count)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(count, 1);
        return Images is not { } images
            ? this
            : this with
            {
                Epochs = Math.Clamp((int)Math.Round((double)images / count), FewestEpochs, MostEpochs),
                Images = null,
            };
    }

    /// <summary>The recipe as <see cref="FromJson"/> reads it, indented.</summary>
    public string ToJson() => ToJsonObject().ToJsonString(s_indented);

    /// <summary>The recipe as <see cref="FromJson"/> reads it.</summary>
    public JsonObject ToJsonObject()
    {
        var json = new JsonObject
        {
            ["name"] = Name,
            ["description"] = Description,
            ["source"] = Source,
            ["model"] = Model,
            ["input"] = Input,
            ["channels"] = Channels,
            ["dropout"] = Dropout,
            ["initializer"] = Initializer,
            ["epochs"] = Images is null ? Epochs : null,
            ["images"] = Images,
            ["batch"] = Batch,
            ["micro_batch"] = MicroBatch,
            ["optimizer"] = Optimizer.DeepClone(),
            ["schedule"] = Schedule.ToJson(),
            ["label_smoothing"] = LabelSmoothing,
            [StatisticsKey] = StatisticsImages,
            ["preprocessing"] = Preprocessing.ToJson(),
            ["augmentation"] = new JsonArray([.. Augmentation.Select(a => a.DeepClone())]),
            ["mixing"] = Mixing?.DeepClone(),
            ["crops"] = Crops,
        };
        foreach (string key in json.Where(p => p.Value is null).Select(p => p.Key).ToList())
        {
            json.Remove(key);
        }
        return json;
    }

    private static Recipe Read(JsonObject json, string file)
    {
        var reader = new ConfigReader(json, file);
        // Read in the order in which errors name the keys.
        string name = reader.Text("name", "custom");
        string description = reader.Text("description", "");
        string source = reader.Text("source", "");
        string model = reader.Text("model");
        int input = reader.Int32("input", 224, 1, 16384);
        int batch = reader.Int32("batch", 128, 1, 1 << 20);
        var recipe = new Recipe
        {
            Name = name,
            Description = description,
            Source = source,
            Model = model,
            Input = input,
            Channels = reader.Has("channels") ? reader.Int32("channels", null, 1, 3) : null,
            Dropout = reader.Has("dropout") ? reader.Number("dropout", null, 0, 0.999999) : null,
            Initializer = reader.Has("initializer") ? reader.Text("initializer") : null,
            Epochs = reader.Int32("epochs", StandardEpochs, 1, 1_000_000),
            Images = reader.Has("images") ? reader.Int32("images", null, 1) : null,
            Batch = batch,
            MicroBatch = reader.Has("micro_batch") ? reader.Int32("micro_batch", null, 1, batch) : null,
            Optimizer = reader.Part("optimizer"),
            Schedule = reader.Has("schedule") ? RecipeSchedule.Read(reader.Part("schedule"), file) : new(),
            LabelSmoothing = reader.Number("label_smoothing", 0, 0, 0.999999),
            StatisticsImages = reader.Int32(StatisticsKey, StandardStatisticsImages),
            Preprocessing = reader.Has("preprocessing")
                ? RecipePreprocessing.Read(reader.Part("preprocessing"), file, input)
                : new(),
            Augmentation = reader.Objects("augmentation"),
            Mixing = reader.Has("mixing") ? reader.Part("mixing") : null,
            Crops = reader.Int32("crops", 1, 1, 10),
        };
        reader.Done();
        recipe.Check(file, json["epochs"] is not null);
        return recipe;
    }

    private void Check(string file, bool hasEpochs)
    {
        if (!Zoo.Names.Contains(Model))
        {
            throw new ConfigException(
                $"{file}: 'model' is '{JsonValues.Short(Model, 40)}'; the zoo has {string.Join(", ", Zoo.Names)}."
            );
        }
        if (hasEpochs && Images is not null)
        {
            throw new ConfigException($"{file}: 'epochs' and 'images' both say how long to train. Leave one out.");
        }
        if (Channels == 2)
        {
            throw new ConfigException($"{file}: 'channels' is 2; it must be 1 or 3.");
        }
        if (Crops is not (1 or 2 or 10))
        {
            throw new ConfigException($"{file}: 'crops' is {Crops}; it must be 1, 2 or 10.");
        }
        if (MicroBatch is { } micro && Batch % micro != 0)
        {
            throw new ConfigException(
                $"{file}: 'batch' is {Batch}, which is no multiple of 'micro_batch', {micro}. Change one of them."
            );
        }
    }
}
