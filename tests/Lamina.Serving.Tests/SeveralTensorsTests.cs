using System.Net;
using Grpc.Core;
using Lamina.Serving.Grpc;

namespace Lamina.Serving.Tests;

/// <summary>The protocol's sentences about models with several inputs and outputs.</summary>
public sealed class SeveralTensorsTests
{
    private const string Infer = "/v2/models/m/infer";

    private const string A = """{"name":"a","shape":[2,2],"datatype":"FP32","data":[[1,2],[3,4]]}""";
    private const string B = """{"name":"b","shape":[2,1],"datatype":"FP64","data":[10,20]}""";

    [Fact]
    public async Task Metadata_describes_every_tensor()
    {
        await using TestServer server = await TestServer.StartAsync(new TwoByTwo());
        Reply reply = await server.Get("/v2/models/m");
        Assert.Equal(
            """[{"name":"a","datatype":"FP32","shape":[-1,2]},{"name":"b","datatype":"FP32","shape":[-1,1]}]""",
            reply.Json["inputs"]!.ToJsonString()
        );
        Assert.Equal(["sum", "product"], reply.Json["outputs"]!.AsArray().Select(o => (string)o!["name"]!));
    }

    [Theory]
    [InlineData(
        "",
        """[{"name":"sum","datatype":"FP32","shape":[2,1],"data":[13,27]},{"name":"product","datatype":"FP32","shape":[2,1],"data":[20,240]}]"""
    )]
    [InlineData("""{"name":"product"}""", """[{"name":"product","datatype":"FP32","shape":[2,1],"data":[20,240]}]""")]
    [InlineData(
        """{"name":"product"},{"name":"sum"}""",
        """[{"name":"product","datatype":"FP32","shape":[2,1],"data":[20,240]},{"name":"sum","datatype":"FP32","shape":[2,1],"data":[13,27]}]"""
    )]
    public async Task The_outputs_that_are_named_are_returned_and_all_if_none_is(string named, string outputs)
    {
        await using TestServer server = await TestServer.StartAsync(new TwoByTwo());
        string wanted = named.Length > 0 ? $$""","outputs":[{{named}}]""" : "";
        // Inputs come in any order: their names count.
        foreach (string inputs in new[] { $"{A},{B}", $"{B},{A}" })
        {
            Reply reply = await server.Post(Infer, $$"""{"inputs":[{{inputs}}]{{wanted}}}""");
            Assert.Equal(outputs, reply.Json["outputs"]!.ToJsonString());
        }
    }

    [Theory]
    [InlineData(A, "expects 2 input(s), got 1")]
    [InlineData($"{A},{A}", "given twice")]
    [InlineData($"{A},{B},{B}", "expects 2 input(s), got 3")]
    [InlineData(
        """{"name":"a","shape":[1,2],"datatype":"FP32","data":[1,2]},{"name":"b","shape":[2,1],"datatype":"FP32","data":[1,2]}""",
        "different numbers of samples"
    )]
    public async Task Inputs_that_do_not_go_together_are_400(string inputs, string says)
    {
        await using TestServer server = await TestServer.StartAsync(new TwoByTwo());
        Reply reply = await server.Post(Infer, $$"""{"inputs":[{{inputs}}]}""");
        Assert.Equal(HttpStatusCode.BadRequest, reply.Status);
        Assert.Contains(says, reply.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Binary_data_follows_the_JSON_object_in_the_order_of_the_tensors()
    {
        await using TestServer server = await TestServer.StartAsync(new TwoByTwo());
        Reply reply = await server.PostBinary(
            Infer,
            """{"inputs":[{"name":"b","shape":[1,1],"datatype":"FP32","parameters":{"binary_data_size":4}},{"name":"a","shape":[1,2],"datatype":"FP32","parameters":{"binary_data_size":8}}],"outputs":[{"name":"product","parameters":{"binary_data":true}},{"name":"sum","parameters":{"binary_data":true}}]}""",
            BinaryDataTests.Bytes([10, 1, 2])
        );
        Assert.Equal(BinaryDataTests.Bytes([20, 13]), reply.Binary);
    }

    [Fact]
    public async Task Raw_contents_of_gRPC_are_in_the_order_of_the_tensors()
    {
        await using TestServer server = await TestServer.StartAsync(new TwoByTwo());
        var request = new ModelInferRequest { ModelName = "m" };
        foreach ((string name, float[] values) in new[] { ("b", new float[] { 10 }), ("a", [1, 2]) })
        {
            request.Inputs.Add(
                new ModelInferRequest.Types.InferInputTensor
                {
                    Name = name,
                    Datatype = "FP32",
                    Shape = { 1, values.Length },
                }
            );
            request.RawInputContents.Add(Google.Protobuf.ByteString.CopyFrom(BinaryDataTests.Bytes(values)));
        }
        request.Outputs.Add(new ModelInferRequest.Types.InferRequestedOutputTensor { Name = "product" });
        ModelInferResponse response = await server.Grpc.ModelInferAsync(request);
        Assert.Equal("product", Assert.Single(response.Outputs).Name);
        Assert.Equal(BinaryDataTests.Bytes([20]), Assert.Single(response.RawOutputContents).ToByteArray());
        request.Outputs[0].Name = "quotient";
        RpcException error = await Assert.ThrowsAsync<RpcException>(async () =>
            await server.Grpc.ModelInferAsync(request)
        );
        Assert.Equal(StatusCode.InvalidArgument, error.StatusCode);
    }

    [Fact]
    public async Task Parameters_are_strings_numbers_and_booleans_and_unknown_ones_are_ignored_everywhere()
    {
        await using TestServer server = await TestServer.StartAsync(new TwoByTwo());
        const string parameters = "\"parameters\":{\"p\":\"s\",\"q\":1.5,\"r\":true}";
        string a = A.Replace("\"datatype\"", $"{parameters},\"datatype\"", StringComparison.Ordinal);
        Reply reply = await server.Post(
            Infer,
            $$"""{ {{parameters}},"id":"é","inputs":[{{a}},{{B}}],"outputs":[{"name":"sum",{{parameters}}}]}"""
        );
        Assert.Equal("é", (string)reply.Json["id"]!);
        Assert.Equal([13, 27], reply.Data());
        Assert.Equal("application/json", reply.Response.Content.Headers.ContentType!.MediaType);
        Assert.Equal(reply.Body.Length, reply.Response.Content.Headers.ContentLength);
    }

    /// <summary>A model of two inputs and two outputs: the sum of all values, and their product.</summary>
    private sealed class TwoByTwo : IInferenceModel
    {
        public string Platform => "test_two";

        public IReadOnlyList<TensorSpec> Inputs { get; } =
        [new TensorSpec("a", Shape.Of(2)), new TensorSpec("b", Shape.Of(1))];

        public IReadOnlyList<TensorSpec> Outputs { get; } =
        [new TensorSpec("sum", Shape.Of(1)), new TensorSpec("product", Shape.Of(1))];

        public IReadOnlyList<string> Labels => [];

        public bool AcceptsImages => false;

        public IReadOnlyList<NDArray> Predict(IReadOnlyList<NDArray> inputs)
        {
            (NDArray a, NDArray b) = (inputs[0], inputs[1]);
            var sum = new NDArray(Shape.Of(a.Count, 1));
            var product = new NDArray(Shape.Of(a.Count, 1));
            for (int i = 0; i < a.Count; i++)
            {
                sum[i, 0] = a[i, 0] + a[i, 1] + b[i, 0];
                product[i, 0] = a[i, 0] * a[i, 1] * b[i, 0];
            }
            return [sum, product];
        }

        public NDArray DecodeImage(ReadOnlySpan<byte> file, string name, long maxPixels) =>
            throw new NotSupportedException();

        public void Dispose() { }
    }
}
