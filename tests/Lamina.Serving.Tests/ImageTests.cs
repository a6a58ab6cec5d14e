using System.Net;
using System.Text.Json.Nodes;
using SkiaSharp;
using static Lamina.Layers;

namespace Lamina.Serving.Tests;

/// <summary>Encoded images, and a network of ours behind the server.</summary>
public sealed class ImageTests
{
    private const string Infer = "/v2/models/m/infer";

    private static readonly Preprocessing s_preprocessing = new()
    {
        Height = 8,
        Width = 8,
        Mean = [0.5],
        Std = [0.25],
    };

    [Theory]
    [InlineData(SKEncodedImageFormat.Jpeg)]
    [InlineData(SKEncodedImageFormat.Png)]
    [InlineData(SKEncodedImageFormat.Webp)]
    public async Task An_encoded_image_becomes_what_the_models_preprocessing_makes_of_it(SKEncodedImageFormat format)
    {
        using IDisposable session = Session.BeginScope();
        Model model = Network();
        await using TestServer server = await TestServer.StartAsync(
            InferenceModel.Create(model, ["a", "b", "c"], s_preprocessing)
        );
        byte[] image = Encode(format, 21, 13);
        float[] expected = model.Predict(Images.Load(image, s_preprocessing)).Values.ToArray();
        foreach (string shape in new[] { "[1]", "[1,1]" })
        {
            Reply reply = await server.Post(Infer, Request(shape, image));
            Assert.Equal(expected, reply.Data());
        }
        Reply raw = await server.PostBinary(
            Infer,
            $$$"""{"inputs":[{"name":"{{{model.Inputs[0].Node!.Layer.Name}}}","shape":[1,1],"datatype":"BYTES","parameters":{"binary_data_size":{{{image.Length + 4}}}}}]}""",
            [.. BitConverter.GetBytes(image.Length), .. image]
        );
        Assert.Equal(expected, raw.Data());
        var curl = new ByteArrayContent(image);
        curl.Headers.Add("Inference-Header-Content-Length", "0");
        Assert.Equal(expected, (await server.Send(HttpMethod.Post, Infer, curl)).Data());
    }

    [Fact]
    public async Task A_tensor_gives_the_bits_of_Predict()
    {
        using IDisposable session = Session.BeginScope();
        Model model = Network();
        await using TestServer server = await TestServer.StartAsync(InferenceModel.Create(model));
        var x = new NDArray(Shape.Of(5, 8, 8, 3));
        for (int i = 0; i < x.Values.Length; i++)
        {
            x.Values[i] = MathF.Sin(i);
        }
        Reply metadata = await server.Get("/v2/models/m");
        string name = (string)metadata.Json["inputs"]![0]!["name"]!;
        Assert.Equal("[-1,8,8,3]", metadata.Json["inputs"]![0]!["shape"]!.ToJsonString());
        Reply reply = await server.PostBinary(
            Infer,
            $$$"""{"inputs":[{"name":"{{{name}}}","shape":[5,8,8,3],"datatype":"FP32","parameters":{"binary_data_size":{{{x.Values.Length * 4}}}}}]}""",
            BinaryDataTests.Bytes(x.Values)
        );
        Assert.Equal(model.Predict(x).Values.ToArray(), reply.Data());
    }

    [Fact]
    public async Task A_model_without_preprocessing_refuses_images()
    {
        using IDisposable session = Session.BeginScope();
        await using TestServer server = await TestServer.StartAsync(InferenceModel.Create(Network()));
        Reply reply = await server.Post(Infer, Request("[1]", Encode(SKEncodedImageFormat.Png, 8, 8)));
        Assert.Equal(HttpStatusCode.BadRequest, reply.Status);
    }

    [Fact]
    public async Task An_image_bomb_is_refused_before_it_is_decoded()
    {
        using IDisposable session = Session.BeginScope();
        await using TestServer server = await TestServer.StartAsync(
            InferenceModel.Create(Network(), null, s_preprocessing),
            options => options.MaxImagePixels = 100_000
        );
        Reply reply = await server.Post(Infer, Request("[1]", Encode(SKEncodedImageFormat.Png, 400, 400)));
        Assert.Equal(HttpStatusCode.BadRequest, reply.Status);
        Assert.Contains("pixels", reply.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_damaged_image_is_named_by_its_place()
    {
        await using TestServer server = await TestServer.StartAsync(new FakeModel());
        Reply reply = await server.Post(Infer, ImageRequest("1234", "nope"));
        Assert.Equal(HttpStatusCode.BadRequest, reply.Status);
        Assert.Contains("image 1", reply.Error, StringComparison.Ordinal);
        Assert.Equal([-10, 10, 5, -4, 4, 2], (await server.Post(Infer, ImageRequest("1234", "1111"))).Data());
    }

    [Theory]
    [InlineData(new byte[] { 4, 0, 0, 0, 1 })]
    [InlineData(new byte[] { 4, 0, 0 })]
    [InlineData(new byte[] { 255, 255, 255, 255, 1, 2, 3, 4 })]
    [InlineData(new byte[] { 1, 0, 0, 0, 1, 0, 0, 0, 0 })]
    [InlineData(new byte[0])]
    public async Task Malformed_BYTES_are_400(byte[] data)
    {
        await using TestServer server = await TestServer.StartAsync(new FakeModel());
        Reply reply = await server.PostBinary(
            Infer,
            $$$"""{"inputs":[{"name":"x","shape":[1],"datatype":"BYTES","parameters":{"binary_data_size":{{{data.Length}}}}}]}""",
            data
        );
        Assert.Equal(HttpStatusCode.BadRequest, reply.Status);
    }

    private static Model Network()
    {
        Symbol input = Input(8, 8, 3);
        Symbol x = Conv2D(filters: 4, kernelSize: 3, activation: "relu")(input);
        return new Model(input, Dense(units: 3, activation: "softmax")(Flatten()(x)));
    }

    private static string Request(string shape, byte[] image) =>
        $$"""{"inputs":[{"name":"input_1","shape":{{shape}},"datatype":"BYTES","data":["{{Convert.ToBase64String(image)}}"]}]}""";

    private static string ImageRequest(params string[] files) =>
        new JsonObject
        {
            ["inputs"] = new JsonArray(
                new JsonObject
                {
                    ["name"] = "x",
                    ["shape"] = new JsonArray(files.Length, 1),
                    ["datatype"] = "BYTES",
                    ["data"] = new JsonArray([
                        .. files.Select(f =>
                            JsonValue.Create(Convert.ToBase64String(System.Text.Encoding.UTF8.GetBytes(f)))
                        ),
                    ]),
                }
            ),
        }.ToJsonString();

    private static byte[] Encode(SKEncodedImageFormat format, int width, int height)
    {
        using var bitmap = new SKBitmap(width, height);
        for (int y = 0; y < height; y++)
        {
            for (int x = 0; x < width; x++)
            {
                bitmap.SetPixel(x, y, new SKColor((byte)(x * 9), (byte)(y * 14), (byte)(x * y)));
            }
        }
        using SKData data = bitmap.Encode(format, 90);
        return data.ToArray();
    }
}
