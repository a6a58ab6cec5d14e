using System.CommandLine;
using Lamina.Bench.Serving;

if (args is ["load", var target, var plan])
{
    return LoadProcess.Run(target, plan);
}
var model = new Option<string>("--model") { DefaultValueFactory = _ => "walkthrough" };
var input = new Option<int>("--input") { DefaultValueFactory = _ => 224 };
var batch = new Option<int>("--batch") { DefaultValueFactory = _ => 16 };
var seconds = new Option<double>("--seconds") { DefaultValueFactory = _ => 10 };
var rounds = new Option<int>("--rounds") { DefaultValueFactory = _ => 3 };
var requests = new Option<int>("--requests") { DefaultValueFactory = _ => 100_000 };
var instances = new Option<int>("--instances") { DefaultValueFactory = _ => 1 };
var parts = new Option<string[]>("--parts")
{
    DefaultValueFactory = _ => ["latency", "throughput", "overload", "memory"],
    AllowMultipleArgumentsPerToken = true,
};
parts.AcceptOnlyFromAmong("latency", "throughput", "overload", "memory", "serve");
var command = new RootCommand(
    "Measures what the server adds to a bare Predict: one client at a time, as many as it takes, more than that, and for long; serve waits for the programs of others."
)
{
    model,
    input,
    batch,
    seconds,
    rounds,
    requests,
    instances,
    parts,
};
command.SetAction(
    async (parsed, _) =>
    {
        var settings = new BenchSettings(
            parsed.GetValue(model)!,
            parsed.GetValue(input),
            parsed.GetValue(batch),
            parsed.GetValue(seconds),
            parsed.GetValue(rounds),
            parsed.GetValue(requests),
            parsed.GetValue(instances)
        );
        await BenchSuite.RunAsync(settings, parsed.GetValue(parts)!);
        return 0;
    }
);
return await command.Parse(args).InvokeAsync();
