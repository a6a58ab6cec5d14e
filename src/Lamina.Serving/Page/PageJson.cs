using System.Text.Json;
using System.Text.Json.Nodes;
using Lamina.Runs;

namespace Lamina.Serving;

/// <summary>The JSON objects that the page reads.</summary>
internal static class PageJson
{
    // Of more names a reader of the card has nothing, and they would be sent with every visit.
    private const int MostLabels = 2000;

    /// <summary>Writes a model with its card.</summary>
    public static void Write(Utf8JsonWriter json, ServedModel model, PageOptions options)
    {
        json.WriteStartObject();
        json.WriteString("name", model.Name);
        json.WriteBoolean("ready", model.IsReady);
        json.WriteString("state", model.State.ToString().ToLowerInvariant());
        if (model.Find(null) is { } version)
        {
            Write(json, version, options);
        }
        json.WriteEndObject();
    }

    /// <summary>Returns a card.</summary>
    public static JsonObject Of(ModelCard card) =>
        new()
        {
            ["model"] = card.Model,
            ["parameters"] = card.Parameters,
            ["precision"] = card.Precision,
            ["description"] = card.Description,
            ["license"] = card.License,
            ["startLicense"] = card.StartLicense,
            ["data"] = card.Data,
            ["created"] = card.Created,
            ["trainImages"] = card.TrainImages,
            ["testImages"] = card.TestImages,
            ["top1"] = card.Top1,
            ["top5"] = card.Top5,
        };

    /// <summary>Writes the way a network sees an image.</summary>
    public static void Write(Utf8JsonWriter json, NetworkView view)
    {
        json.WriteStartObject();
        json.WriteString("explained", view.Explained.Class);
        json.WriteBase64String("input", view.Input.Png.Span);
        if (view.Heat is { } heat)
        {
            json.WriteBase64String("heat", heat.Png.Span);
        }
        json.WriteStartArray("layers");
        foreach (LayerView layer in view.Layers)
        {
            json.WriteStartObject();
            json.WriteString("layer", layer.Layer);
            json.WriteString("note", layer.Note);
            json.WriteStartArray("maps");
            foreach (ViewPicture map in layer.Maps)
            {
                json.WriteBase64StringValue(map.Png.Span);
            }
            json.WriteEndArray();
            json.WriteEndObject();
        }
        json.WriteEndArray();
        json.WriteEndObject();
    }

    /// <summary>Writes the nearest training images.</summary>
    public static void Write(Utf8JsonWriter json, NeighborView view)
    {
        json.WriteStartObject();
        json.WriteString("layer", view.Layer);
        json.WriteNumber("searched", view.Searched);
        json.WriteStartArray("neighbors");
        foreach (NeighborPicture neighbor in view.Neighbors)
        {
            json.WriteStartObject();
            json.WriteString("class", neighbor.Class);
            json.WriteNumber("distance", neighbor.Distance);
            json.WriteBase64String("png", neighbor.Png.Span);
            json.WriteEndObject();
        }
        json.WriteEndArray();
        json.WriteEndObject();
    }

    private static void Write(Utf8JsonWriter json, ServedVersion version, PageOptions options)
    {
        IInferenceModel model = version.Model;
        var viewable = model as IViewableModel;
        TensorSpec output = model.Outputs[0];
        json.WriteString("version", version.Version);
        json.WriteString("input", model.Inputs[0].Name);
        json.WriteString("output", output.Name);
        JsonObjects.WriteNumbers(json, "inputShape", model.Inputs[0].Dimensions.Skip(1));
        json.WriteBoolean(
            "acceptsImages",
            model is { AcceptsImages: true, Inputs.Count: 1 } && output.Sample.Rank == 1
        );
        json.WriteNumber("classes", output.SampleSize);
        json.WriteBoolean("probabilities", viewable is { GivesProbabilities: true });
        string? whyNoView = viewable is null ? "This model cannot be looked into." : viewable.WhyNoView;
        json.WriteBoolean("view", whyNoView is null);
        json.WriteString("viewReason", whyNoView);
        json.WriteBoolean("neighbors", options.ShowTrainingImages && whyNoView is null);
        json.WriteStartArray("labels");
        foreach (string label in model.Labels.Take(MostLabels))
        {
            json.WriteStringValue(label);
        }
        json.WriteEndArray();
        if (viewable?.Card is { } card)
        {
            json.WritePropertyName("card");
            Of(card).WriteTo(json);
        }
    }
}
