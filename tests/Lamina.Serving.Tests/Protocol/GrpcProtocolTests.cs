using System.Net;
using System.Net.Http.Headers;
using System.Runtime.InteropServices;
using Google.Protobuf;
using Google.Protobuf.Reflection;
using Grpc.Core;
using Lamina.Serving.Grpc;

namespace Lamina.Serving.Tests.Protocol;

/// <summary>What the protocol's text for gRPC and the comments of its proto file say beyond what <see cref="GrpcTests"/> shows.</summary>
public sealed class GrpcProtocolTests
{
    // Of the values 1 to 4: -sum, sum, sum / 2.
    private static readonly float[] s_result = [-10, 10, 5];

    public static TheoryData<string> Calls => [.. GRPCInferenceService.Descriptor.Methods.Select(m => m.Name)];

    [Theory]
    [MemberData(nameof(Calls))]
    public async Task A_malformed_message_is_INVALID_ARGUMENT_in_every_call(string call)
    {
        await using TestServer server = await TestServer.StartAsync(new FakeModel());
        // A field of length 127 of which one byte is there; an endless number; an end of a group that never began.
        foreach (
            byte[] bytes in (byte[][])
                [
                    [0x0a, 0x7f, 0x41],
                    [.. Enumerable.Repeat((byte)0xff, 12)],
                    [0x0c],
                ]
        )
        {
            (string status, string message) = await CallAsync(server, call, bytes);
            Assert.Equal(((int)StatusCode.InvalidArgument).ToString(Culture), status);
            Assert.Contains("the message is not a", Uri.UnescapeDataString(message), StringComparison.Ordinal);
        }
        Assert.True((await server.Grpc.ServerReadyAsync(new())).Ready);
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
        Assert.True((await server.Grpc.ServerLiveAsync(new())).Live);
        Assert.NotEmpty((await server.Grpc.ServerMetadataAsync(new())).Version);
        Assert.False((await server.Grpc.ServerReadyAsync(new())).Ready);
        Assert.False((await server.Grpc.ModelReadyAsync(new() { Name = "m" })).Ready);
        loaded.Set();
        await server.Server.WaitUntilReadyAsync(TestContext.Current.CancellationToken);
        Assert.True((await server.Grpc.ServerReadyAsync(new())).Ready);
        Assert.True((await server.Grpc.ModelReadyAsync(new() { Name = "m" })).Ready);
    }

    [Fact]
    public async Task The_metadata_of_a_model_has_its_name_platform_and_tensors()
    {
        await using TestServer server = await TestServer.StartAsync(new FakeModel());
        ModelMetadataResponse model = await server.Grpc.ModelMetadataAsync(new() { Name = "m", Version = "1" });
        Assert.Equal("m", model.Name);
        // "<project>_<format>"
        Assert.Matches("^[a-z0-9]+_[a-z0-9]+$", model.Platform);
        ModelMetadataResponse.Types.TensorMetadata input = Assert.Single(model.Inputs);
        Assert.Equal(("x", "FP32"), (input.Name, input.Datatype));
        ModelMetadataResponse.Types.TensorMetadata output = Assert.Single(model.Outputs);
        Assert.Equal("y", output.Name);
        Assert.Equal([-1, 3], output.Shape);
    }

    [Theory]
    [InlineData("FP64", "int64_contents")]
    [InlineData("FP32", "fp64_contents")]
    [InlineData("FP32", "int_contents")]
    [InlineData("FP32", "uint_contents")]
    [InlineData("FP32", "uint64_contents")]
    [InlineData("FP32", "bool_contents")]
    [InlineData("FP32", "bytes_contents")]
    [InlineData("BYTES", "fp32_contents")]
    public async Task Contents_must_be_of_the_tensors_own_type(string type, string field)
    {
        await using TestServer server = await TestServer.StartAsync(new FakeModel());
        ModelInferRequest request = Request(type, Contents(type));
        if (type != "BYTES")
        {
            Assert.Equal(s_result, await OutputAsync(server, request));
        }
        // Beside the right ones, and instead of them.
        InferTensorContents wrong = Contents(NameOf(field));
        request.Inputs[0].Contents.MergeFrom(wrong);
        await InvalidAsync(server, request, "another type");
        request.Inputs[0].Contents = wrong;
        await InvalidAsync(server, request, "another type");
    }

    [Theory]
    [InlineData("BOOL")]
    [InlineData("UINT8")]
    [InlineData("UINT16")]
    [InlineData("UINT32")]
    [InlineData("UINT64")]
    [InlineData("INT8")]
    [InlineData("INT16")]
    [InlineData("INT32")]
    [InlineData("INT64")]
    public async Task A_type_of_the_protocol_that_the_model_lacks_is_refused_by_name(string type)
    {
        await using TestServer server = await TestServer.StartAsync(new FakeModel());
        await InvalidAsync(server, Request(type, Contents(type)), $"has data type {type}");
        await InvalidAsync(server, Request("FP31", Contents("FP32")), "not a data type of the protocol");
    }

    [Theory]
    [InlineData("FP16")]
    [InlineData("BF16")]
    public async Task Sixteen_bit_types_are_raw_or_refused(string type)
    {
        await using TestServer server = await TestServer.StartAsync(new FakeModel());
        await InvalidAsync(server, Request(type, Contents("FP32")), "has no form as numbers");
        ModelInferRequest raw = Request(type, contents: null);
        byte[] values = new byte[8];
        for (int i = 0; i < 4; i++)
        {
            ushort bits =
                type == "FP16"
                    ? BitConverter.HalfToUInt16Bits((Half)(i + 1))
                    : (ushort)(BitConverter.SingleToUInt32Bits(i + 1) >> 16);
            BitConverter.TryWriteBytes(values.AsSpan(2 * i), bits);
        }
        raw.RawInputContents.Add(ByteString.CopyFrom(values));
        Assert.Equal(s_result, await OutputAsync(server, raw));
    }

    [Theory]
    [InlineData(15)]
    [InlineData(17)]
    [InlineData(0)]
    public async Task The_size_of_raw_contents_must_match_the_shape_and_type(int bytes)
    {
        await using TestServer server = await TestServer.StartAsync(new FakeModel());
        ModelInferRequest request = Request("FP32", contents: null);
        request.RawInputContents.Add(ByteString.CopyFrom(new byte[bytes]));
        await InvalidAsync(server, request, $"{bytes} bytes");
    }

    [Theory]
    [InlineData(3)]
    [InlineData(5)]
    [InlineData(0)]
    public async Task The_size_of_typed_contents_must_match_the_shape(int values)
    {
        await using TestServer server = await TestServer.StartAsync(new FakeModel());
        var contents = new InferTensorContents { Fp32Contents = { new float[values] } };
        await InvalidAsync(server, Request("FP32", contents), $"{values} values");
    }

    [Fact]
    public async Task Raw_contents_follow_the_order_of_the_inputs_and_outputs()
    {
        // The rows of a batch, in order, and the outputs' values in row-major order.
        await using TestServer server = await TestServer.StartAsync(new FakeModel());
        ModelInferRequest request = Request("FP32", contents: null, 2, 2, 2);
        request.RawInputContents.Add(ByteString.CopyFrom(BinaryDataTests.Bytes([1, 2, 3, 4, 0.5f, 0, 0, 0])));
        ModelInferResponse response = await server.Grpc.ModelInferAsync(request);
        Assert.Single(response.RawOutputContents);
        Assert.Equal([2, 3], response.Outputs[0].Shape);
        Assert.Equal("FP32", response.Outputs[0].Datatype);
        Assert.Equal(2 * 3 * sizeof(float), response.RawOutputContents[0].Length);
        Assert.Equal([-10, 10, 5, -0.5f, 0.5f, 0.25f], Floats(response.RawOutputContents[0]));
    }

    [Fact]
    public async Task An_id_and_a_version_are_returned_and_only_if_there_is_an_id()
    {
        await using TestServer server = await TestServer.StartAsync(new FakeModel());
        ModelInferRequest request = Request("FP32", Contents("FP32"));
        ModelInferResponse response = await server.Grpc.ModelInferAsync(request);
        Assert.Equal(("m", "1", ""), (response.ModelName, response.ModelVersion, response.Id));
        (request.Id, request.ModelVersion) = ("ünï", "1");
        Assert.Equal("ünï", (await server.Grpc.ModelInferAsync(request)).Id);
    }

    [Fact]
    public async Task Outputs_are_all_by_default_or_those_that_are_named()
    {
        await using TestServer server = await TestServer.StartAsync(new FakeModel());
        ModelInferRequest request = Request("FP32", Contents("FP32"));
        Assert.Equal("y", Assert.Single((await server.Grpc.ModelInferAsync(request)).Outputs).Name);
        request.Outputs.Add(new ModelInferRequest.Types.InferRequestedOutputTensor { Name = "y" });
        Assert.Equal("y", Assert.Single((await server.Grpc.ModelInferAsync(request)).Outputs).Name);
        request.Outputs[0].Name = "z";
        await InvalidAsync(server, request, "Its outputs: y");
    }

    [Fact]
    public async Task Parameters_are_booleans_numbers_or_strings_and_unknown_ones_are_ignored()
    {
        await using TestServer server = await TestServer.StartAsync(new FakeModel());
        foreach (
            InferParameter value in new InferParameter[]
            {
                new() { BoolParam = true },
                new() { Int64Param = -1 },
                new() { Uint64Param = ulong.MaxValue },
                new() { DoubleParam = 0.5 },
                new() { StringParam = "s" },
                new(),
            }
        )
        {
            ModelInferRequest request = Request("FP32", Contents("FP32"));
            request.Parameters["mine"] = value;
            request.Inputs[0].Parameters["mine"] = value;
            Assert.Equal(s_result, await OutputAsync(server, request));
            request.Parameters["priority"] = value;
            bool number = value.ParameterChoiceCase == InferParameter.ParameterChoiceOneofCase.Uint64Param;
            if (number)
            {
                Assert.Equal(s_result, await OutputAsync(server, request));
            }
            else
            {
                await InvalidAsync(server, request, "priority");
            }
        }
    }

    [Fact]
    public void The_fields_of_the_protocol_have_its_numbers_and_types()
    {
        // What a client of another vendor sends and reads; the numbers are the protocol's.
        Assert.Equal(
            "model_name=1 model_version=2 id=3 parameters=4 inputs=5 outputs=6 raw_input_contents=7",
            Fields(ModelInferRequest.Descriptor)
        );
        Assert.Equal(
            "name=1 datatype=2 shape=3 parameters=4 contents=5",
            Fields(ModelInferRequest.Types.InferInputTensor.Descriptor)
        );
        Assert.Equal("name=1 parameters=2", Fields(ModelInferRequest.Types.InferRequestedOutputTensor.Descriptor));
        Assert.Equal(
            "model_name=1 model_version=2 id=3 parameters=4 outputs=5 raw_output_contents=6",
            Fields(ModelInferResponse.Descriptor)
        );
        Assert.Equal(
            "name=1 datatype=2 shape=3 parameters=4 contents=5",
            Fields(ModelInferResponse.Types.InferOutputTensor.Descriptor)
        );
        Assert.Equal(
            "bool_contents=1 int_contents=2 int64_contents=3 uint_contents=4 uint64_contents=5 fp32_contents=6 fp64_contents=7 bytes_contents=8",
            Fields(InferTensorContents.Descriptor)
        );
        Assert.Equal(
            "bool_param=1 int64_param=2 string_param=3 double_param=4 uint64_param=5",
            Fields(InferParameter.Descriptor)
        );
        Assert.Equal("name=1 version=2", Fields(ModelReadyRequest.Descriptor));
        Assert.Equal("name=1 version=2", Fields(ModelMetadataRequest.Descriptor));
        Assert.Equal("name=1 versions=2 platform=3 inputs=4 outputs=5", Fields(ModelMetadataResponse.Descriptor));
        Assert.Equal("name=1 datatype=2 shape=3", Fields(ModelMetadataResponse.Types.TensorMetadata.Descriptor));
        Assert.Equal("name=1 version=2 extensions=3", Fields(ServerMetadataResponse.Descriptor));
        Assert.Equal("inference.GRPCInferenceService", GRPCInferenceService.Descriptor.FullName);
    }

    private static IFormatProvider Culture => System.Globalization.CultureInfo.InvariantCulture;

    private static string Fields(MessageDescriptor message) =>
        string.Join(' ', message.Fields.InFieldNumberOrder().Select(f => $"{f.Name}={f.FieldNumber}"));

    /// <summary>Sends bytes as a call's message.</summary>
    private static async Task<(string Status, string Message)> CallAsync(TestServer server, string call, byte[] bytes)
    {
        using var http = new HttpClient { BaseAddress = server.Server.GrpcAddress };
        using var content = new ByteArrayContent([0, 0, 0, 0, (byte)bytes.Length, .. bytes]);
        content.Headers.ContentType = new MediaTypeHeaderValue("application/grpc");
        using var request = new HttpRequestMessage(HttpMethod.Post, $"/inference.GRPCInferenceService/{call}")
        {
            Content = content,
            Version = HttpVersion.Version20,
            VersionPolicy = HttpVersionPolicy.RequestVersionExact,
        };
        request.Headers.TE.Add(new("trailers"));
        using HttpResponseMessage response = await http.SendAsync(request);
        await response.Content.ReadAsByteArrayAsync();
        string Value(string name) =>
            response.TrailingHeaders.TryGetValues(name, out IEnumerable<string>? values) ? values.Single()
            : response.Headers.TryGetValues(name, out values) ? values.Single()
            : "";
        return (Value("grpc-status"), Value("grpc-message"));
    }

    private static string NameOf(string field) =>
        field switch
        {
            "bool_contents" => "BOOL",
            "int_contents" => "INT32",
            "int64_contents" => "INT64",
            "uint_contents" => "UINT32",
            "uint64_contents" => "UINT64",
            "fp64_contents" => "FP64",
            "bytes_contents" => "BYTES",
            _ => "FP32",
        };

    private static InferTensorContents Contents(string type) =>
        type switch
        {
            "BOOL" => new() { BoolContents = { true, true, true, true } },
            "INT8" or "INT16" or "INT32" => new() { IntContents = { 1, 2, 3, 4 } },
            "INT64" => new() { Int64Contents = { 1, 2, 3, 4 } },
            "UINT8" or "UINT16" or "UINT32" => new() { UintContents = { 1, 2, 3, 4 } },
            "UINT64" => new() { Uint64Contents = { 1, 2, 3, 4 } },
            "FP64" => new() { Fp64Contents = { 1, 2, 3, 4 } },
            "BYTES" => new() { BytesContents = { ByteString.CopyFromUtf8("1234") } },
            _ => new() { Fp32Contents = { 1, 2, 3, 4 } },
        };

    private static ModelInferRequest Request(string type, InferTensorContents? contents, params long[] shape) =>
        new()
        {
            ModelName = "m",
            Inputs =
            {
                new ModelInferRequest.Types.InferInputTensor
                {
                    Name = "x",
                    Datatype = type,
                    Shape =
                    {
                        shape is not [] ? shape
                        : type == "BYTES" ? [1, 1]
                        : [1, 2, 2],
                    },
                    Contents = contents,
                },
            },
        };

    private static async Task<float[]> OutputAsync(TestServer server, ModelInferRequest request) =>
        Floats((await server.Grpc.ModelInferAsync(request)).RawOutputContents[0]);

    private static float[] Floats(ByteString raw) => MemoryMarshal.Cast<byte, float>(raw.Span).ToArray();

    private static async Task InvalidAsync(TestServer server, ModelInferRequest request, string says)
    {
        RpcException error = await Assert.ThrowsAsync<RpcException>(async () =>
            await server.Grpc.ModelInferAsync(request)
        );
        Assert.Equal(StatusCode.InvalidArgument, error.StatusCode);
        Assert.Contains(says, error.Status.Detail, StringComparison.Ordinal);
    }
}
