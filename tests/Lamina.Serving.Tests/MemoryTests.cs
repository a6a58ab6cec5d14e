using System.Globalization;
using Google.Protobuf;
using Lamina.Serving.Grpc;

namespace Lamina.Serving.Tests;

/// <summary>Tests that measure the memory of the process, and so run alone.</summary>
[CollectionDefinition(nameof(MemoryTests), DisableParallelization = true)]
public sealed class MemoryCollection;

/// <summary>What many requests leave behind.</summary>
[Collection(nameof(MemoryTests))]
public sealed class MemoryTests
{
    // A leak of a request's object or of its tensor's memory exceeds this after a few of them.
    private const long MostGrowth = 3 << 20;

    /// <summary>The requests of each test. The variable LAMINA_REQUESTS sets another number, such as 100,000.</summary>
    private static int Requests =>
        int.TryParse(
            Environment.GetEnvironmentVariable("LAMINA_REQUESTS"),
            NumberStyles.None,
            CultureInfo.InvariantCulture,
            out int requests
        )
            ? requests
            : 2000;

    [Theory]
    [InlineData("REST")]
    [InlineData("gRPC")]
    [InlineData("gRPC stream")]
    public async Task Memory_does_not_grow_over_many_requests(string protocol)
    {
        var model = new FakeModel { Inputs = [new TensorSpec("x", Shape.Of(128, 128))] };
        await using TestServer server = await TestServer.StartAsync(model);
        await SendAsync(server, model, protocol, 500);
        long before = GC.GetTotalMemory(forceFullCollection: true);
        for (int part = 0; part < 4; part++)
        {
            await SendAsync(server, model, protocol, Requests / 4);
            long growth = GC.GetTotalMemory(forceFullCollection: true) - before;
            TestContext.Current.TestOutputHelper?.WriteLine(
                $"{protocol}: {growth} bytes more after {(part + 1) * Requests / 4} requests; the process has {Environment.WorkingSet >> 20} MB"
            );
            Assert.InRange(growth, long.MinValue, MostGrowth);
        }
        await BatchingTests.Until(() => server.Buffered.Count == 0);
    }

    private static async Task SendAsync(TestServer server, FakeModel model, string protocol, int count)
    {
        switch (protocol)
        {
            case "REST":
                byte[] tensor = new byte[128 * 128 * sizeof(float)];
                for (int i = 0; i < count; i++)
                {
                    using var content = new ByteArrayContent(tensor);
                    content.Headers.Add("Inference-Header-Content-Length", "0");
                    using HttpResponseMessage answer = await server.Http.PostAsync("/v2/models/m/infer", content);
                    Assert.True(answer.IsSuccessStatusCode, await answer.Content.ReadAsStringAsync());
                }
                break;
            case "gRPC":
                ModelInferRequest request = Request();
                for (int i = 0; i < count; i++)
                {
                    await server.Grpc.ModelInferAsync(request);
                }
                break;
            default:
                using (var stream = server.Grpc.ModelStreamInfer())
                {
                    ModelInferRequest message = Request();
                    for (int i = 0; i < count; i++)
                    {
                        await stream.RequestStream.WriteAsync(message);
                        Assert.True(await stream.ResponseStream.MoveNext(CancellationToken.None));
                        Assert.Empty(stream.ResponseStream.Current.ErrorMessage);
                    }
                    await stream.RequestStream.CompleteAsync();
                }
                break;
        }
        // The model's own notes for tests.
        model.Batches.Clear();
        model.Order.Clear();
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
                    Shape = { 1, 128, 128 },
                },
            },
            RawInputContents = { UnsafeByteOperations.UnsafeWrap(new byte[128 * 128 * sizeof(float)]) },
        };
}
