using Lamina.Bench.Peers;

namespace Lamina.Bench;

/// <summary>How long the published program takes from its start.</summary>
internal sealed class StartupSuite()
    : Suite("startup", "The published alexnet from start to end, and libtorch's own loading.")
{
    private const string Model = "walkthrough";
    private const int Input = 224;
    private const string Load = "libtorch's own loading, in a process that does nothing else";

    private string? _program;

    public override IReadOnlyList<Workload> Workloads(SuiteContext context)
    {
        string model = ModelExport.LaminaPath(context.ModelFolder(Model, Input));
        string photos = context.Folder("photo");
        string photo = Path.Combine(photos, "class0", "0000.jpg");
        IContender[] contenders =
        [
            Launch("alexnet --version", "--version"),
            Launch("alexnet --help", "--help"),
            Launch($"alexnet summary {Model}", "summary", Model),
            Launch("alexnet predict RUN photo.jpg", "predict", model, photo),
            new OnceContender(Load, new PeerRequest { Kind = LoadWork.Kind }),
        ];
        return
        [
            new Workload("startup", [.. contenders.Select(c => c.Name)], contenders)
            {
                Prepare = () =>
                {
                    _program ??= Publish(context);
                    context.Write(Model, Input);
                    SyntheticPhotos.Write(photos, 1);
                },
            },
        ];
    }

    private LaunchContender Launch(string name, params string[] arguments) => new(name, () => _program!, arguments);

    private static string Publish(SuiteContext context)
    {
        string folder = context.Folder("published");
        string project = Path.Combine(Repository.Root, "src", "Lamina.Cli");
        context.Progress.WriteLine("publishing src/Lamina.Cli");
        string output = Tool.Run(
            "dotnet",
            ["publish", "-c", "Release", "-v", "quiet", "-nologo", "-o", folder, project],
            out int code
        );
        return code == 0
            ? Path.Combine(folder, "alexnet")
            : throw new LaminaException($"src/Lamina.Cli is not published: {Tool.FirstError(output)}");
    }

    public override IReadOnlyList<Table> Tables(SuiteContext context, IReadOnlyList<WorkloadResult> results)
    {
        var table = new Table(
            "startup",
            $"From the start of the process, files in memory already; the model is {Model} with 1000 classes at {Input}.",
            "command",
            "first line, ms",
            "end, ms"
        );
        foreach (WorkloadResult result in results)
        {
            foreach (string command in result.Rounds.Keys)
            {
                string first =
                    command == Load ? Cells.Missing : Spread.Of(result.Of(command, r => r.Value)).ToText("#,0", 1000);
                table.Add(
                    command == Load ? command : $"`{command}`",
                    first,
                    Spread.Of(result.Of(command, r => r.Seconds)).ToText("#,0", 1000)
                );
            }
        }
        table.NoteFailures(results);
        return [table];
    }
}
