using System.Globalization;
using System.Net.Sockets;
using System.Text;
using Google.Protobuf;
using Lamina.Serving.Grpc;

namespace Lamina.Serving.Tests;

/// <summary>Clients that break off, send half of what they promise, or send what nobody understands.</summary>
public sealed class FaultTests
{
    private const string Infer = "/v2/models/m/infer";

    /// <summary>
    /// The mutants of each test. The variable LAMINA_MUTANTS sets another number, such as 100,000, which takes minutes.
    /// </summary>
    private static readonly int s_mutants = int.TryParse(
        Environment.GetEnvironmentVariable("LAMINA_MUTANTS"),
        out int count
    )
        ? count
        : 400;

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_body_that_is_cut_off_holds_nothing(bool reset)
    {
        await using TestServer server = await TestServer.StartAsync(new FakeModel());
        for (int i = 0; i < 20; i++)
        {
            using var client = new TcpClient { LingerState = new LingerOption(reset, 0) };
            await client.ConnectAsync(server.Address.Host, server.Address.Port);
            await client.GetStream().WriteAsync(Head(1000, BatchingTests.Request(1)));
        }
        await StillGood(server);
    }

    [Fact]
    public async Task A_slow_client_does_not_hold_up_others()
    {
        await using TestServer server = await TestServer.StartAsync(
            new FakeModel(),
            BatchingTests.Batching(new() { QueueLimit = 1 })
        );
        string body = BatchingTests.Request(3);
        using var slow = new TcpClient();
        await slow.ConnectAsync(server.Address.Host, server.Address.Port);
        byte[] request = Head(body.Length, body);
        await slow.GetStream().WriteAsync(request.AsMemory(0, request.Length - 5));
        for (int i = 0; i < 10; i++)
        {
            Assert.Equal(i, (await server.Post(Infer, BatchingTests.Request(i))).Data().ElementAt(1));
        }
        await slow.GetStream().WriteAsync(request.AsMemory(request.Length - 5));
        var buffer = new byte[4096];
        int read = await slow.GetStream().ReadAsync(buffer);
        Assert.StartsWith("HTTP/1.1 200", Encoding.ASCII.GetString(buffer, 0, read), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_half_closed_connection_holds_nothing()
    {
        await using TestServer server = await TestServer.StartAsync(new FakeModel());
        for (int i = 0; i < 20; i++)
        {
            using var client = new TcpClient();
            await client.ConnectAsync(server.Address.Host, server.Address.Port);
            string body = BatchingTests.Request(1);
            NetworkStream stream = client.GetStream();
            await stream.WriteAsync(Head(body.Length, body));
            client.Client.Shutdown(SocketShutdown.Send);
            // An answer, none, or a reset, but an end.
            try
            {
                while (await stream.ReadAsync(new byte[1024]) > 0) { }
            }
            catch (IOException) { }
        }
        await StillGood(server);
    }

    [Fact]
    public async Task Mutants_of_a_JSON_request_are_answered()
    {
        await using TestServer server = await TestServer.StartAsync(new FakeModel());
        byte[] valid = Encoding.UTF8.GetBytes(
            """{"id":"7","parameters":{"priority":1,"timeout":1000000},"inputs":[{"name":"x","shape":[1,2,2],"datatype":"FP32","data":[[1,2],[3,4.5e0]]}],"outputs":[{"name":"y","parameters":{"classification":2}}]}"""
        );
        await ForEachMutant(
            1,
            async (random, i) =>
            {
                Reply reply = await server.Send(HttpMethod.Post, Infer, new ByteArrayContent(Mutate(valid, random)));
                Assert.True((int)reply.Status is 200 or 400 or 501 or 503, $"mutant {i}: {reply.Status}");
                Assert.True((int)reply.Status == 200 || reply.Error.Length > 0);
            }
        );
        await StillGood(server);
    }

    [Fact]
    public async Task Mutants_of_a_binary_request_are_answered()
    {
        await using TestServer server = await TestServer.StartAsync(new FakeModel());
        string json =
            """{"inputs":[{"name":"x","shape":[1,2,2],"datatype":"FP32","parameters":{"binary_data_size":16}}],"outputs":[{"name":"y","parameters":{"binary_data":true}}]}""";
        byte[] valid = [.. Encoding.UTF8.GetBytes(json), .. BinaryDataTests.Bytes([1, 2, 3, 4])];
        await ForEachMutant(
            2,
            async (random, i) =>
            {
                var content = new ByteArrayContent(Mutate(valid, random));
                int length = random.Next(4) == 0 ? random.Next(json.Length * 2) : json.Length;
                content.Headers.Add("Inference-Header-Content-Length", length.ToString(CultureInfo.InvariantCulture));
                Reply reply = await server.Send(HttpMethod.Post, Infer, content);
                Assert.True((int)reply.Status is 200 or 400 or 501, $"mutant {i}: {reply.Status}");
            }
        );
        await StillGood(server);
    }

    [Fact]
    public async Task Mutants_of_gRPC_messages_are_answered()
    {
        await using TestServer server = await TestServer.StartAsync(new FakeModel());
        byte[] valid = GrpcMessage();
        using var http = new HttpClient { BaseAddress = server.Server.GrpcAddress };
        await ForEachMutant(
            3,
            async (random, i) =>
            {
                using var request = new HttpRequestMessage(
                    HttpMethod.Post,
                    "/inference.GRPCInferenceService/ModelInfer"
                )
                {
                    Content = new ByteArrayContent(Mutate(valid, random)),
                    Version = new Version(2, 0),
                    VersionPolicy = HttpVersionPolicy.RequestVersionExact,
                };
                request.Content.Headers.ContentType = new("application/grpc");
                request.Headers.TE.Add(new("trailers"));
                using HttpResponseMessage response = await http.SendAsync(request);
                await response.Content.ReadAsByteArrayAsync();
                bool told =
                    response.TrailingHeaders.Contains("grpc-status") || response.Headers.Contains("grpc-status");
                Assert.True(told, $"mutant {i}: {response}");
            }
        );
        await StillGood(server);
    }

    [Fact]
    public async Task Mutants_of_HTTP_2_frames_end_their_connection_at_most()
    {
        await using TestServer server = await TestServer.StartAsync(new FakeModel());
        byte[] valid = Http2Call();
        string answer = Encoding.ASCII.GetString(await ExchangeAsync(server, valid, idle: 1000));
        Assert.Contains("grpc-status", answer, StringComparison.Ordinal);
        await ForEachMutant(4, async (random, _) => await ExchangeAsync(server, Mutate(valid, random)));
        await StillGood(server);
        Assert.True((await server.Grpc.ServerLiveAsync(new())).Live);
    }

    [Fact]
    public async Task Mutants_of_HTTP_1_heads_end_their_connection_at_most()
    {
        await using TestServer server = await TestServer.StartAsync(new FakeModel());
        string body = BatchingTests.Request(1);
        byte[] valid = Encoding.ASCII.GetBytes(
            $"POST {Infer} HTTP/1.1\r\nHost: x\r\nAccept: */*\r\nInference-Header-Content-Length: {body.Length}\r\n"
                + $"Content-Encoding: identity\r\nContent-Length: {body.Length}\r\n\r\n{body}"
        );
        await ForEachMutant(
            5,
            async (random, i) =>
            {
                byte[] answer = await ExchangeAsync(server, Mutate(valid, random), server.Address.Port);
                string text = Encoding.ASCII.GetString(answer);
                Assert.True(
                    text.Length == 0 || text.StartsWith("HTTP/1.1 ", StringComparison.Ordinal),
                    $"mutant {i}: {text}"
                );
                Assert.False(text.StartsWith("HTTP/1.1 500", StringComparison.Ordinal), $"mutant {i}: {text}");
            }
        );
        await StillGood(server);
    }

    /// <summary>Does something for each mutant, some at a time, each with random numbers of its own.</summary>
    private static Task ForEachMutant(int seed, Func<Random, int, Task> test) =>
        Parallel.ForEachAsync(
            Enumerable.Range(0, s_mutants),
            new ParallelOptions { MaxDegreeOfParallelism = 8 },
            async (i, _) => await test(new Random((seed * 1_000_003) + i), i)
        );

    /// <summary>Sends bytes on a connection, and reads what comes back until nothing does for some milliseconds.</summary>
    private static async Task<byte[]> ExchangeAsync(TestServer server, byte[] bytes, int? port = null, int idle = 10)
    {
        using var client = new TcpClient();
        await client.ConnectAsync(server.Address.Host, port ?? server.Server.GrpcAddress!.Port);
        NetworkStream stream = client.GetStream();
        var answer = new MemoryStream();
        using var limit = new CancellationTokenSource(TimeSpan.FromMinutes(1));
        try
        {
            await stream.WriteAsync(bytes);
            var buffer = new byte[4096];
            for (bool open = true; ; )
            {
                Task<int> reading = stream.ReadAsync(buffer, limit.Token).AsTask();
                // At the end of the input, Kestrel gives up what it is computing.
                if (open && await Task.WhenAny(reading, Task.Delay(idle)) != reading)
                {
                    open = false;
                    client.Client.Shutdown(SocketShutdown.Send);
                }
                if (await reading is var read && read == 0)
                {
                    break;
                }
                answer.Write(buffer, 0, read);
            }
        }
        catch (Exception e) when (e is IOException or SocketException)
        {
            // A reset is an end too.
        }
        return answer.ToArray();
    }

    private static byte[] GrpcMessage()
    {
        var message = new ModelInferRequest
        {
            ModelName = "m",
            Id = "7",
            Inputs =
            {
                new ModelInferRequest.Types.InferInputTensor
                {
                    Name = "x",
                    Datatype = "FP32",
                    Shape = { 1, 2, 2 },
                },
            },
            RawInputContents = { ByteString.CopyFrom(BinaryDataTests.Bytes([1, 2, 3, 4])) },
        };
        byte[] proto = message.ToByteArray();
        return [0, 0, 0, 0, (byte)proto.Length, .. proto];
    }

    /// <summary>Returns all bytes that a client of gRPC sends for an inference.</summary>
    private static byte[] Http2Call()
    {
        const string path = "/inference.GRPCInferenceService/ModelInfer";
        byte[] headers =
        [
            .. Field(":method", "POST"),
            .. Field(":scheme", "http"),
            .. Field(":path", path),
            .. Field(":authority", "x"),
            .. Field("content-type", "application/grpc"),
            .. Field("te", "trailers"),
        ];
        return
        [
            .. "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"u8,
            // Settings: a stream window of 65,535 bytes.
            .. Frame(4, 0, 0, [0, 4, 0, 0, 255, 255]),
            .. Frame(6, 0, 0, [1, 2, 3, 4, 5, 6, 7, 8]),
            .. Frame(8, 0, 0, [0, 0, 1, 0]),
            .. Frame(1, 4, 1, headers),
            .. Frame(0, 1, 1, GrpcMessage()),
        ];
    }

    private static byte[] Frame(byte type, byte flags, byte stream, byte[] payload) =>
        [0, 0, (byte)payload.Length, type, flags, 0, 0, 0, stream, .. payload];

    // HPACK: a literal without indexing, whose name is a literal too.
    private static byte[] Field(string name, string value) =>
        [0, (byte)name.Length, .. Encoding.ASCII.GetBytes(name), (byte)value.Length, .. Encoding.ASCII.GetBytes(value)];

    internal static byte[] Mutate(byte[] valid, Random random)
    {
        List<byte> bytes = [.. valid];
        for (int i = random.Next(1, 4); i > 0; i--)
        {
            int at = random.Next(bytes.Count);
            switch (random.Next(4))
            {
                case 0:
                    bytes[at] = (byte)random.Next(256);
                    break;
                case 1:
                    bytes[at] = "{}[]\",:0e-9\\"u8[random.Next(12)];
                    break;
                case 2:
                    bytes.RemoveRange(at, Math.Min(random.Next(1, 8), bytes.Count - at));
                    bytes.Add(0);
                    break;
                default:
                    bytes.InsertRange(at, bytes[at..Math.Min(at + random.Next(1, 12), bytes.Count)]);
                    break;
            }
        }
        return [.. bytes];
    }

    private static byte[] Head(int length, string body) =>
        Encoding.ASCII.GetBytes($"POST {Infer} HTTP/1.1\r\nHost: x\r\nContent-Length: {length}\r\n\r\n{body}");

    private static async Task StillGood(TestServer server)
    {
        Assert.Equal(5, (await server.Post(Infer, BatchingTests.Request(5))).Data().ElementAt(1));
        await BatchingTests.Until(() => server.Buffered.Count == 0);
        // Nothing keeps the model from being unloaded.
        await server.Registry.UnloadAsync("m").WaitAsync(TimeSpan.FromMinutes(1));
    }
}
