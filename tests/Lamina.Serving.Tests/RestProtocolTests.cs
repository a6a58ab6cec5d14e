using System.Net;
using System.Text;

namespace Lamina.Serving.Tests;

/// <summary>The sentences of the protocol's text for REST, one by one.</summary>
public sealed class RestProtocolTests
{
    private const string Infer = "/v2/models/m/infer";

    private const string One = """{"inputs":[{"name":"x","shape":[1,2,2],"datatype":"FP32","data":[1,2,3,4]}]}""";

    [Theory]
    [InlineData("/v2/health/live", """{"live":true}""")]
    [InlineData("/v2/health/ready", """{"ready":true}""")]
    [InlineData("/v2/models/m/ready", """{"name":"m","ready":true}""")]
    [InlineData("/v2/models/m/versions/1/ready", """{"name":"m","ready":true}""")]
    [InlineData("/v2/models/m/versions/2/ready", """{"name":"m","ready":false}""", 400)]
    [InlineData("/v2/models/other/ready", """{"name":"other","ready":false}""", 400)]
    public async Task Health_is_told_by_the_status_and_by_the_body(string path, string body, int status = 200)
    {
        await using TestServer server = await TestServer.StartAsync(new FakeModel());
        Reply reply = await server.Get(path);
        Assert.Equal(status, (int)reply.Status);
        Assert.Equal(body, Encoding.UTF8.GetString(reply.Body));
    }

    [Fact]
    public async Task The_server_is_live_but_not_ready_while_a_model_loads()
    {
        using var loaded = new ManualResetEventSlim();
        await using TestServer server = await TestServer.StartAsync(
            models =>
                models.AddModel(
                    "m",
                    () =>
                    {
                        loaded.Wait();
                        return new FakeModel();
                    }
                ),
            untilReady: false
        );
        Assert.Equal(HttpStatusCode.OK, (await server.Get("/v2/health/live")).Status);
        Assert.Equal(HttpStatusCode.BadRequest, (await server.Get("/v2/health/ready")).Status);
        loaded.Set();
        await server.Server.WaitUntilReadyAsync(TestContext.Current.CancellationToken);
        Assert.Equal(HttpStatusCode.OK, (await server.Get("/v2/health/ready")).Status);
    }

    [Fact]
    public async Task The_server_metadata_has_a_name_a_version_and_the_extensions()
    {
        await using TestServer server = await TestServer.StartAsync(new FakeModel());
        foreach (string path in new[] { "/v2", "/v2/" })
        {
            Reply reply = await server.Get(path);
            Assert.Equal(HttpStatusCode.OK, reply.Status);
            Assert.Equal("application/json", reply.Response.Content.Headers.ContentType!.MediaType);
            Assert.Equal("lamina", (string)reply.Json["name"]!);
            Assert.NotEmpty((string)reply.Json["version"]!);
            string[] extensions = [.. reply.Json["extensions"]!.AsArray().Select(e => (string)e!)];
            Assert.Contains("binary_tensor_data", extensions);
            Assert.Contains("classification", extensions);
            Assert.Contains("statistics", extensions);
            Assert.DoesNotContain("model_repository", extensions);
        }
    }

    [Theory]
    [InlineData("/v2/models/m")]
    [InlineData("/v2/models/m/versions/1")]
    public async Task The_model_metadata_describes_inputs_and_outputs(string path)
    {
        await using TestServer server = await TestServer.StartAsync(new FakeModel());
        Reply reply = await server.Get(path);
        Assert.Equal(
            """{"name":"m","versions":["1"],"platform":"test_fake","inputs":[{"name":"x","datatype":"FP32","shape":[-1,2,2]}],"outputs":[{"name":"y","datatype":"FP32","shape":[-1,3]}]}""",
            Encoding.UTF8.GetString(reply.Body)
        );
    }

    [Theory]
    [InlineData("GET", "/v2/models/other", "other")]
    [InlineData("GET", "/v2/models/m/versions/7", "7")]
    [InlineData("POST", "/v2/models/other/infer", "other")]
    [InlineData("POST", "/v2/models/m/versions/7/infer", "7")]
    [InlineData("GET", "/v2/nothing", "address")]
    [InlineData("GET", "/nothing", "address")]
    [InlineData("GET", "/v2/models/..%2F..%2Fetc%2Fpasswd", "passwd")]
    public async Task What_is_not_there_is_404_with_an_error_object(string method, string path, string mentioned)
    {
        await using TestServer server = await TestServer.StartAsync(new FakeModel());
        Reply reply = await server.Send(new HttpMethod(method), path, method == "POST" ? new StringContent(One) : null);
        Assert.Equal(HttpStatusCode.NotFound, reply.Status);
        Assert.Contains(mentioned, reply.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_inference_returns_all_outputs_and_repeats_the_id()
    {
        await using TestServer server = await TestServer.StartAsync(new FakeModel());
        Reply reply = await server.Post(
            Infer,
            """{"id":"42","inputs":[{"name":"x","shape":[2,2,2],"datatype":"FP32","data":[1,2,3,4,0.5,0,0,0]}]}"""
        );
        Assert.Equal(HttpStatusCode.OK, reply.Status);
        Assert.Equal(
            """{"model_name":"m","model_version":"1","id":"42","outputs":[{"name":"y","datatype":"FP32","shape":[2,3],"data":[-10,10,5,-0.5,0.5,0.25]}]}""",
            Encoding.UTF8.GetString(reply.Body)
        );
        // Without an id there is none.
        Assert.Null((await server.Post("/v2/models/m/versions/1/infer", One)).Json["id"]);
    }

    [Theory]
    [InlineData("""[1,2,3,4]""")]
    [InlineData("""[[1,2],[3,4]]""")]
    [InlineData("""[[[1,2],[3,4]]]""")]
    [InlineData("""[1.0,2e0,30e-1,"ignored"]""", false)]
    public async Task Tensor_data_is_nested_or_flat(string data, bool valid = true)
    {
        await using TestServer server = await TestServer.StartAsync(new FakeModel());
        Reply reply = await server.Post(
            Infer,
            $$"""{"inputs":[{"name":"x","shape":[1,2,2],"datatype":"FP32","data":{{data}}}]}"""
        );
        Assert.Equal(valid ? HttpStatusCode.OK : HttpStatusCode.BadRequest, reply.Status);
        if (valid)
        {
            Assert.Equal([-10, 10, 5], reply.Data());
        }
    }

    [Theory]
    [InlineData("""{"inputs":[{"data":[1,2,3,4],"datatype":"FP32","shape":[1,2,2],"name":"x"}]}""")]
    [InlineData(
        """{"unknown":{"a":[1]},"inputs":[{"name":"x","shape":[1,2,2],"datatype":"FP64","data":[1,2,3,4],"more":null}]}"""
    )]
    [InlineData(
        """{"parameters":{"my_parameter":42},"inputs":[{"name":"x","shape":[1,2,2],"datatype":"FP32","data":[1,2,3,4]}],"outputs":[{"name":"y"}]}"""
    )]
    public async Task Members_come_in_any_order_and_unknown_ones_are_ignored(string body)
    {
        await using TestServer server = await TestServer.StartAsync(new FakeModel());
        Assert.Equal([-10, 10, 5], (await server.Post(Infer, body)).Data());
    }

    [Theory]
    [InlineData("", "JSON")]
    [InlineData("[]", "object")]
    [InlineData("{", "JSON")]
    [InlineData("{} {}", "JSON")]
    [InlineData("{}", "inputs")]
    [InlineData("""{"inputs":{}}""", "array")]
    [InlineData("""{"inputs":[]}""", "expects 1 input")]
    [InlineData("""{"inputs":[{"name":"z","shape":[1,2,2],"datatype":"FP32","data":[1,2,3,4]}]}""", "Its inputs: x")]
    [InlineData("""{"inputs":[{"name":"x","shape":[1,2,2],"datatype":"INT32","data":[1,2,3,4]}]}""", "expects FP32")]
    [InlineData("""{"inputs":[{"name":"x","shape":[1,2,2],"datatype":"FLOAT","data":[1,2,3,4]}]}""", "not a data type")]
    [InlineData("""{"inputs":[{"name":"x","shape":[1,2,2],"datatype":"FP16","data":[1,2,3,4]}]}""", "binary")]
    [InlineData("""{"inputs":[{"name":"x","shape":[1,4],"datatype":"FP32","data":[1,2,3,4]}]}""", "[-1,2,2]")]
    [InlineData("""{"inputs":[{"name":"x","shape":[1,2,2],"datatype":"FP32","data":[1,2,3]}]}""", "3 values")]
    [InlineData("""{"inputs":[{"name":"x","shape":[1,2,2],"datatype":"FP32","data":[1,2,3,1e99]}]}""", "finite")]
    [InlineData("""{"inputs":[{"name":"x","shape":[1,2,2],"datatype":"FP32","data":7}]}""", "array")]
    [InlineData("""{"inputs":[{"name":"x","shape":[0,2,2],"datatype":"FP32","data":[]}]}""", "at least 1")]
    [InlineData("""{"inputs":[{"name":"x","shape":[-1,2,2],"datatype":"FP32","data":[]}]}""", "at least 0")]
    [InlineData("""{"inputs":[{"name":"x","shape":[99,2,2],"datatype":"FP32","data":[]}]}""", "at most 32")]
    [InlineData("""{"inputs":[{"name":"x","shape":[1,2,2],"datatype":"FP32"}]}""", "neither data")]
    [InlineData(
        """{"id":7,"inputs":[{"name":"x","shape":[1,2,2],"datatype":"FP32","data":[1,2,3,4]}]}""",
        "wrong type"
    )]
    [InlineData(
        """{"inputs":[{"name":"x","shape":[1,2,2],"datatype":"FP32","data":[1,2,3,4]}],"outputs":[{"name":"z"}]}""",
        "Its outputs: y"
    )]
    [InlineData("""{"parameters":{"timeout":"soon"},"inputs":[]}""", "timeout")]
    [InlineData("""{"parameters":{"priority":-1},"inputs":[]}""", "priority")]
    [InlineData("""{"parameters":{"a":[1]},"inputs":[]}""", "parameter 'a'")]
    public async Task A_malformed_request_is_400_with_an_error_that_says_what(string body, string says)
    {
        await using TestServer server = await TestServer.StartAsync(new FakeModel());
        Reply reply = await server.Post(Infer, body);
        Assert.Equal(HttpStatusCode.BadRequest, reply.Status);
        Assert.Contains(says, reply.Error, StringComparison.Ordinal);
        Assert.DoesNotContain('\n', reply.Error);
        Assert.Equal([-10, 10, 5], (await server.Post(Infer, One)).Data());
    }

    [Fact]
    public async Task A_failing_model_is_500_without_its_secrets()
    {
        await using TestServer server = await TestServer.StartAsync(new FakeModel());
        Reply reply = await server.Post(Infer, One.Replace("4]}", "666]}", StringComparison.Ordinal));
        Assert.Equal(HttpStatusCode.InternalServerError, reply.Status);
        Assert.DoesNotContain("secret", reply.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Shared_memory_is_501()
    {
        await using TestServer server = await TestServer.StartAsync(new FakeModel());
        Reply reply = await server.Post(
            Infer,
            """{"inputs":[{"name":"x","shape":[1,2,2],"datatype":"FP32","parameters":{"shared_memory_region":"r"}}]}"""
        );
        Assert.Equal(HttpStatusCode.NotImplemented, reply.Status);
    }
}
