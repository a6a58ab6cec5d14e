using System.Buffers;
using System.Net;
using Google.Protobuf;
using Grpc.Core;
using Lamina.Serving.Grpc;

namespace Lamina.Serving.Tests;

/// <summary>Where the bytes of gRPC requests lie, and how many may.</summary>
public sealed class GrpcMemoryTests
{
    private const int Megabyte = 1 << 20;

    [Fact]
    public void A_request_is_parsed_as_the_generated_parser_does()
    {
        byte[] valid = Message().ToByteArray();
        var random = new Random(5);
        int good = 0;
        for (int i = 0; i < 20_000; i++)
        {
            byte[] bytes = i == 0 ? valid : FaultTests.Mutate(valid, random);
            ModelInferRequest? expected = Attempt<InvalidProtocolBufferException>(() =>
                ModelInferRequest.Parser.ParseFrom(bytes)
            );
            ModelInferRequest? parsed = Attempt<RpcException>(() => InferRequestParser.Parse(Parts(bytes, 7)));
            Assert.Equal(expected is null, parsed is null);
            if (parsed is not null)
            {
                good++;
                parsed.RawInputContents.AddRange(parsed.RawTensors.Select(t => ByteString.CopyFrom(t.Span)));
                Assert.Equal(expected, parsed);
            }
        }
        Assert.InRange(good, 1000, 19_000);
    }

    [Fact]
    public async Task Requests_in_the_queue_count_until_they_are_computed()
    {
        FakeModel model = Large();
        await using TestServer server = await StartAsync(model, limit: 10 * Megabyte);
        model.Gate.Reset();
        AsyncUnaryCall<ModelInferResponse> first = server.Grpc.ModelInferAsync(Request());
        await BatchingTests.Until(() => model.IsComputing);
        AsyncUnaryCall<ModelInferResponse> second = server.Grpc.ModelInferAsync(Request());
        await BatchingTests.Until(() => server.Registry.Find("m", null).Queue.Count == 1);
        Assert.Equal(8 * Megabyte, server.Buffered.Count);
        model.Gate.Set();
        await Task.WhenAll(first.ResponseAsync, second.ResponseAsync);
        await BatchingTests.Until(() => server.Buffered.Count == 0);
    }

    [Fact]
    public async Task Messages_that_are_never_finished_have_a_limit_together()
    {
        await using TestServer server = await StartAsync(Large());
        byte[] message = Request().ToByteArray();
        byte[] head = [0, .. BitConverter.GetBytes(IPAddress.HostToNetworkOrder(message.Length))];
        using var end = new CancellationTokenSource();
        using var http = new HttpClient { BaseAddress = server.Server.GrpcAddress };
        // Half of it and no more: what a slow or hostile client leaves in memory.
        Task slow = SendAsync(http, new HeldContent([.. head, .. message[..(3 * Megabyte)]], end.Token), end.Token);
        await BatchingTests.Until(() => server.Buffered.Count > 2 * Megabyte);
        RpcException error = await Assert.ThrowsAsync<RpcException>(async () =>
            await server.Grpc.ModelInferAsync(Request())
        );
        Assert.Equal(StatusCode.Unavailable, error.StatusCode);
        Assert.Contains("as many bytes", error.Status.Detail, StringComparison.Ordinal);
        await end.CancelAsync();
        await Record.ExceptionAsync(() => slow);
        await BatchingTests.Until(() => server.Buffered.Count == 0);
        Assert.Equal([1, 3], (await server.Grpc.ModelInferAsync(Request())).Outputs[0].Shape);
    }

    private static FakeModel Large() => new() { Inputs = [new TensorSpec("x", Shape.Of(1024, 1024))] };

    private static Task<TestServer> StartAsync(FakeModel model, int limit = 6 * Megabyte) =>
        TestServer.StartAsync(
            model,
            options =>
                (options.MaxRequestBytes, options.MaxBufferedBytes, options.Batching) = (
                    6 * Megabyte,
                    limit,
                    new() { MaxBatch = 1 }
                )
        );

    private static async Task SendAsync(HttpClient http, HttpContent content, CancellationToken token)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, "/inference.GRPCInferenceService/ModelInfer")
        {
            Content = content,
            Version = HttpVersion.Version20,
            VersionPolicy = HttpVersionPolicy.RequestVersionExact,
        };
        content.Headers.ContentType = new("application/grpc");
        request.Headers.TE.Add(new("trailers"));
        using HttpResponseMessage response = await http.SendAsync(request, token);
    }

    private static ModelInferRequest Request() =>
        new()
        {
            ModelName = "m",
            Inputs =
            {
                new ModelInferRequest.Types.InferInputTensor
                {
                    Name = "x",
                    Datatype = "FP32",
                    Shape = { 1, 1024, 1024 },
                },
            },
            RawInputContents = { UnsafeByteOperations.UnsafeWrap(new byte[4 * Megabyte]) },
        };

    private static ModelInferRequest Message() =>
        new()
        {
            ModelName = "m",
            Id = "7",
            Parameters = { ["priority"] = new InferParameter { Int64Param = 1 } },
            Inputs =
            {
                new ModelInferRequest.Types.InferInputTensor
                {
                    Name = "x",
                    Datatype = "FP32",
                    Shape = { 1, 2, 2 },
                },
                new ModelInferRequest.Types.InferInputTensor
                {
                    Name = "z",
                    Contents = new() { Fp32Contents = { 1 } },
                },
            },
            RawInputContents = { ByteString.CopyFrom(1, 2, 3, 4, 5, 6, 7, 8), ByteString.Empty },
        };

    private static ModelInferRequest? Attempt<TError>(Func<ModelInferRequest> parse)
        where TError : Exception
    {
        try
        {
            return parse();
        }
        catch (TError)
        {
            return null;
        }
    }

    /// <summary>Returns bytes in pieces, as they come from a connection.</summary>
    private static ReadOnlySequence<byte> Parts(byte[] bytes, int size)
    {
        Segment? first = null;
        Segment? last = null;
        for (int i = 0; i < bytes.Length; i += size)
        {
            last = new Segment(bytes.AsMemory(i, Math.Min(size, bytes.Length - i)), last);
            first ??= last;
        }
        return first is null ? default : new(first, 0, last!, last!.Memory.Length);
    }

    private sealed class Segment : ReadOnlySequenceSegment<byte>
    {
        public Segment(ReadOnlyMemory<byte> memory, Segment? before)
        {
            Memory = memory;
            if (before is not null)
            {
                RunningIndex = before.RunningIndex + before.Memory.Length;
                before.Next = this;
            }
        }
    }

    /// <summary>A body that ends only with the token.</summary>
    private sealed class HeldContent(byte[] start, CancellationToken end) : HttpContent
    {
        protected override async Task SerializeToStreamAsync(Stream stream, TransportContext? context)
        {
            await stream.WriteAsync(start, end);
            await stream.FlushAsync(end);
            await Task.Delay(Timeout.Infinite, end);
        }

        protected override bool TryComputeLength(out long length)
        {
            length = 0;
            return false;
        }
    }
}
