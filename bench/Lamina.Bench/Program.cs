// What `dotnet run -c Release --project bench/Lamina.Bench -- --help` prints, and bench/README.md, say what there is.
using System.CommandLine;
using Lamina.Bench;

var root = new RootCommand("Measures Lamina beside its peers and the machine's limits, in turns, on the same weights.");
foreach (Suite suite in BenchSuites.All)
{
    root.Add(BenchCommand.Create(suite.Name, suite.Description, [suite]));
}
root.Add(BenchCommand.Create("all", "All of them.", BenchSuites.All));
var request = new Argument<string>("request");
var worker = new Command("worker", "A worker process of the bench itself.") { request };
worker.Hidden = true;
worker.SetAction(parsed => WorkerMain.Run(parsed.GetValue(request)!));
root.Add(worker);

// Ctrl-C prints what is done so far, once workers have ended and temporary files are gone.
return await root.Parse(args)
    .InvokeAsync(new InvocationConfiguration { ProcessTerminationTimeout = TimeSpan.FromMinutes(1) });
