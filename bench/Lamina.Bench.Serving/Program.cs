using System.CommandLine;
using Lamina.Bench.Serving;

var model = new Option<string>("--model") { DefaultValueFactory = _ => "walkthrough" };
var input = new Option<int>("--input") { DefaultValueFactory = _ => 224 };
var batch = new Option<int>("--batch") { DefaultValueFactory = _ => 32 };
var seconds = new Option<int>("--seconds") { DefaultValueFactory = _ => 10 };
var rounds = new Option<int>("--rounds") { DefaultValueFactory = _ => 3 };
var command = new RootCommand(
    "Measures what the server adds to a bare Predict: one client at a time, as many as it takes, and more than that."
)
{
    model,
    input,
    batch,
    seconds,
    rounds,
};
command.SetAction(
    async (parsed, _) =>
    {
        var bench = new ServingBench(
            parsed.GetValue(model)!,
            parsed.GetValue(input),
            parsed.GetValue(batch),
            TimeSpan.FromSeconds(parsed.GetValue(seconds))
        );
        await bench.RunAsync(parsed.GetValue(rounds));
        return 0;
    }
);
return await command.Parse(args).InvokeAsync();
