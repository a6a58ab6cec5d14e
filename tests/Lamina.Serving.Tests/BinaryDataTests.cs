using System.IO.Compression;
using System.Net;
using System.Runtime.InteropServices;
using System.Text;

namespace Lamina.Serving.Tests;

/// <summary>Triton's extensions for binary tensor data and classification.</summary>
public sealed class BinaryDataTests
{
    private const string Infer = "/v2/models/m/infer";

    private static readonly byte[] s_sample = Bytes([1, 2, 3, 4]);

    [Fact]
    public async Task Binary_data_goes_in_and_out()
    {
        await using TestServer server = await TestServer.StartAsync(new FakeModel());
        Reply reply = await server.PostBinary(
            Infer,
            """{"inputs":[{"name":"x","shape":[1,2,2],"datatype":"FP32","parameters":{"binary_data_size":16}}],"outputs":[{"name":"y","parameters":{"binary_data":true}}]}""",
            s_sample
        );
        Assert.Equal(HttpStatusCode.OK, reply.Status);
        Assert.Equal("application/octet-stream", reply.Response.Content.Headers.ContentType!.MediaType);
        Assert.Equal(12, (int)reply.Json["outputs"]![0]!["parameters"]!["binary_data_size"]!);
        Assert.Null(reply.Json["outputs"]![0]!["data"]);
        Assert.Equal([-10, 10, 5], MemoryMarshal.Cast<byte, float>(reply.Binary).ToArray());
    }

    [Theory]
    [InlineData("", true)]
    [InlineData(",\"outputs\":[{\"name\":\"y\"}]", true)]
    [InlineData(",\"outputs\":[{\"name\":\"y\",\"parameters\":{\"binary_data\":false}}]", false)]
    public async Task Binary_data_output_is_the_default_that_an_output_overrides(string outputs, bool binary)
    {
        await using TestServer server = await TestServer.StartAsync(new FakeModel());
        Reply reply = await server.PostBinary(
            Infer,
            $$$"""{"parameters":{"binary_data_output":true},"inputs":[{"name":"x","shape":[1,2,2],"datatype":"FP32","parameters":{"binary_data_size":16}}]{{{outputs}}}}""",
            s_sample
        );
        Assert.Equal(binary, reply.JsonLength is not null);
    }

    [Theory]
    [InlineData("FP16")]
    [InlineData("BF16")]
    [InlineData("FP64")]
    public async Task Other_floating_point_types_are_converted(string type)
    {
        float[] values = [1, -2, 0.5f, 1024];
        byte[] data = type switch
        {
            "FP16" => [.. values.SelectMany(v => BitConverter.GetBytes((Half)v))],
            "BF16" => [.. values.SelectMany(v => BitConverter.GetBytes(v)[2..])],
            _ => [.. values.SelectMany(v => BitConverter.GetBytes((double)v))],
        };
        await using TestServer server = await TestServer.StartAsync(new FakeModel());
        Reply reply = await server.PostBinary(
            Infer,
            $$$"""{"inputs":[{"name":"x","shape":[1,2,2],"datatype":"{{{type}}}","parameters":{"binary_data_size":{{{data.Length}}}}}]}""",
            data
        );
        Assert.Equal([-1023.5f, 1023.5f, 511.75f], reply.Data());
    }

    [Theory]
    [InlineData("""{"binary_data_size":15}""", 16, "left after")]
    [InlineData("""{"binary_data_size":17}""", 16, "17")]
    [InlineData("""{"binary_data_size":12}""", 12, "need 16")]
    [InlineData("""{"binary_data_size":"x"}""", 16, "binary_data_size")]
    [InlineData("""{"binary_data_size":9223372036854775808}""", 16, "binary_data_size")]
    public async Task Sizes_that_do_not_fit_are_400(string parameters, int sent, string says)
    {
        await using TestServer server = await TestServer.StartAsync(new FakeModel());
        Reply reply = await server.PostBinary(
            Infer,
            $$"""{"inputs":[{"name":"x","shape":[1,2,2],"datatype":"FP32","parameters":{{parameters}}}]}""",
            new byte[sent]
        );
        Assert.Equal(HttpStatusCode.BadRequest, reply.Status);
        Assert.Contains(says, reply.Error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("9999", "9999")]
    [InlineData("-1", "not a length")]
    [InlineData("x", "not a length")]
    public async Task A_header_that_is_no_length_of_the_JSON_object_is_400(string length, string says)
    {
        await using TestServer server = await TestServer.StartAsync(new FakeModel());
        var content = new StringContent("{}");
        content.Headers.Add("Inference-Header-Content-Length", length);
        Reply reply = await server.Send(HttpMethod.Post, Infer, content);
        Assert.Equal(HttpStatusCode.BadRequest, reply.Status);
        Assert.Contains(says, reply.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_raw_request_is_the_data_alone()
    {
        await using TestServer server = await TestServer.StartAsync(new FakeModel());
        Reply reply = await Raw(server, [.. s_sample, .. s_sample]);
        Assert.Equal([-10, 10, 5, -10, 10, 5], reply.Data());
        Assert.Equal(HttpStatusCode.BadRequest, (await Raw(server, new byte[15])).Status);
    }

    [Theory]
    [InlineData("gzip")]
    [InlineData("deflate")]
    public async Task Compressed_bodies_are_read_within_the_limit(string encoding)
    {
        await using TestServer server = await TestServer.StartAsync(
            new FakeModel(),
            options => options.MaxRequestBytes = 100_000
        );
        string json = """{"inputs":[{"name":"x","shape":[1,2,2],"datatype":"FP32","data":[1,2,3,4]}]}""";
        Assert.Equal([-10, 10, 5], (await server.Send(HttpMethod.Post, Infer, Compressed(encoding, json))).Data());
        // A thousandth of the limit on the wire, a multiple of it behind.
        Reply bomb = await server.Send(HttpMethod.Post, Infer, Compressed(encoding, new string(' ', 1_000_000)));
        Assert.Equal(HttpStatusCode.RequestEntityTooLarge, bomb.Status);
        ByteArrayContent wrong = new("not compressed"u8.ToArray());
        wrong.Headers.ContentEncoding.Add(encoding);
        Assert.Equal(HttpStatusCode.BadRequest, (await server.Send(HttpMethod.Post, Infer, wrong)).Status);
    }

    [Fact]
    public async Task Classification_returns_values_indices_and_labels_of_the_highest()
    {
        await using TestServer server = await TestServer.StartAsync(new FakeModel());
        const string request =
            """{"inputs":[{"name":"x","shape":[2,2,2],"datatype":"FP32","data":[1,2,3,4,-1,0,0,0]}],"outputs":[{"name":"y","parameters":{"classification":2}}]}""";
        Reply reply = await server.Post(Infer, request);
        Assert.Equal("BYTES", (string)reply.Json["outputs"]![0]!["datatype"]!);
        Assert.Equal([2, 2], reply.Json["outputs"]![0]!["shape"]!.AsArray().Select(d => (int)d!));
        Assert.Equal(["10:1:plus", "5:2:naïve", "1:0:minus", "-0.5:2:naïve"], reply.Strings());

        reply = await server.PostBinary(
            Infer,
            request.Replace(
                "\"classification\":2",
                "\"classification\":1,\"binary_data\":true",
                StringComparison.Ordinal
            ),
            []
        );
        string first = "10:1:plus";
        string second = "1:0:minus";
        byte[] expected =
        [
            .. BitConverter.GetBytes(first.Length),
            .. Encoding.UTF8.GetBytes(first),
            .. BitConverter.GetBytes(second.Length),
            .. Encoding.UTF8.GetBytes(second),
        ];
        Assert.Equal(expected, reply.Binary);
    }

    [Fact]
    public async Task Classification_of_more_classes_than_there_are_returns_all_and_labels_are_optional()
    {
        await using TestServer server = await TestServer.StartAsync(new FakeModel { Labels = [] });
        Reply reply = await server.Post(
            Infer,
            """{"inputs":[{"name":"x","shape":[1,2,2],"datatype":"FP32","data":[1,2,3,4]}],"outputs":[{"name":"y","parameters":{"classification":9}}]}"""
        );
        Assert.Equal(["10:1", "5:2", "-10:0"], reply.Strings());
    }

    internal static byte[] Bytes(ReadOnlySpan<float> values) => MemoryMarshal.AsBytes(values).ToArray();

    private static Task<Reply> Raw(TestServer server, byte[] body)
    {
        var content = new ByteArrayContent(body);
        content.Headers.Add("Inference-Header-Content-Length", "0");
        return server.Send(HttpMethod.Post, Infer, content);
    }

    private static ByteArrayContent Compressed(string encoding, string text)
    {
        var bytes = new MemoryStream();
        using (
            Stream stream =
                encoding == "gzip"
                    ? new GZipStream(bytes, CompressionLevel.Fastest, leaveOpen: true)
                    : new ZLibStream(bytes, CompressionLevel.Fastest, leaveOpen: true)
        )
        {
            stream.Write(Encoding.UTF8.GetBytes(text));
        }
        var content = new ByteArrayContent(bytes.ToArray());
        content.Headers.ContentEncoding.Add(encoding);
        return content;
    }
}
