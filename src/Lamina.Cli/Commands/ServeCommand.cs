using System.CommandLine;
using System.Net;
using Lamina.Runs;
using Lamina.Serving;

namespace Lamina.Cli;

/// <summary><c>alexnet serve</c>.</summary>
internal static class ServeCommand
{
    private const string Examples = """
          alexnet serve runs/walkthrough-20260101-120000
          alexnet serve emoji=runs/emoji photos.onnx --classes-from imagenet.txt --preprocessing torchvision
          alexnet serve runs/emoji --max-batch 16 --queue 64 --timeout 2
          alexnet serve --repository models --model-control --versions 2
          alexnet serve runs/emoji --address 0.0.0.0 --api-keys keys.txt --certificate server.pem
          curl --data-binary @cat.jpg -H "Inference-Header-Content-Length: 0" localhost:8000/v2/models/emoji/infer
        """;

    public static Command Create(Terminal terminal)
    {
        var runs = new Argument<string[]>("run")
        {
            Description =
                "Runs' folders, saved models, quantized ones, or models' files of any format; NAME=PATH sets the name.",
            Arity = ArgumentArity.ZeroOrMore,
        };
        var repository = new Option<string?>("--repository")
        {
            Description = "Serves every model in a folder: MODEL, or MODEL/1, MODEL/2, one per version.",
            HelpName = "DIR",
        };
        Option<bool> quantized = QuantizeCommand.UseOption();
        Option<bool> half = QuantizeCommand.HalfOption();
        var server = new ServeOptions();
        var source = new SourceOptions();
        var compute = new ComputeOptions();
        var command = new Command("serve", "Serves models over HTTP and gRPC: the Open Inference Protocol.")
        {
            runs,
            repository,
            quantized,
            half,
        };
        foreach (Option option in (Option[])[.. server.All, .. source.All, .. compute.All])
        {
            command.Add(option);
        }
        command.Validators.Add(result =>
        {
            if (result.GetResult(runs) is not { Tokens.Count: > 0 } && result.GetResult(repository) is null)
            {
                result.AddError("name at least one run, or a folder of models with --repository.");
            }
            server.Validate(result);
        });
        var verbosity = new VerbosityOptions();
        verbosity.AddTo(command);
        ExampleTexts.Set(command, Examples);
        command.SetAction(parsed =>
        {
            verbosity.Apply(parsed, terminal);
            ClassifierOptions form = source.Classifier(parsed, quantized, half, compute);
            ServerOptions options = server.ReadServer(parsed, terminal.Verbosity);
            InferenceServer created = InferenceServer.Create(
                options,
                builder => AddModels(builder, parsed.GetValue(runs)!, parsed.GetValue(repository), form),
                serving => server.Configure(parsed, serving)
            );
            return RunAsync(terminal, created, options).GetAwaiter().GetResult();
        });
        return command;
    }

    private static void AddModels(ServingBuilder builder, string[] runs, string? repository, ClassifierOptions form)
    {
        foreach (string run in runs)
        {
            int equals = run.IndexOf('=', StringComparison.Ordinal);
            bool named = equals > 0 && !Path.Exists(run);
            builder.AddRun(named ? run[(equals + 1)..] : run, named ? run[..equals] : null, form);
        }
        if (repository is not null)
        {
            builder.AddRepository(repository, form);
        }
    }

    private static async Task<int> RunAsync(Terminal terminal, InferenceServer created, ServerOptions options)
    {
        await using InferenceServer server = created;
        await server.StartAsync();
        if (
            !IPAddress.IsLoopback(options.Address)
            && options.ApiKeys.Count == 0
            && options.Tokens is null
            && options.ClientAuthorities.Count == 0
        )
        {
            terminal.WriteError(
                $"warning: everyone who reaches {options.Address} can use the server. Consider --api-keys, --jwt-audience, or --client-authorities."
            );
        }
        try
        {
            await server.WaitUntilReadyAsync(terminal.Interrupt);
        }
        catch
        {
            await server.StopAsync();
            throw;
        }
        string grpc = server.GrpcAddress is { } address ? $", gRPC at {address.Authority}" : "";
        terminal.Say($"serving at {server.Address.GetLeftPart(UriPartial.Authority)}{grpc}; Ctrl-C ends it");
        terminal.Output.Flush();
        try
        {
            await server.WaitForShutdownAsync(terminal.Interrupt);
        }
        catch (OperationCanceledException e)
        {
            throw new LaminaException(
                $"requests did not end within {options.ShutdownLimit.TotalSeconds:0.#} seconds, and were cut off.",
                e
            );
        }
        return ExitCode.Done;
    }
}
