using System.Text.Json;

namespace Lamina.Bench;

/// <summary>Runs suites and writes what they found: to the standard output, into a page, as JSON.</summary>
internal sealed class Output(string? page, string? json)
{
    private const int Interrupted = 130;

    private static readonly JsonSerializerOptions s_json = new(JsonSerializerDefaults.Web) { WriteIndented = true };

    public async Task<int> RunAsync(IReadOnlyList<Suite> suites, SuiteContext context, CancellationToken cancellation)
    {
        string command = "Lamina.Bench " + string.Join(' ', Environment.GetCommandLineArgs().Skip(1));
        string text = page is null
            ? ""
            : await File.ReadAllTextAsync(page, CancellationToken.None).ConfigureAwait(false);
        List<WorkloadResult> all = [];
        bool interrupted = false;
        foreach (Suite suite in suites)
        {
            var runner = new RoundRunner(context.Settings, context.Progress);
            try
            {
                await runner.RunAsync(suite.Workloads(context), cancellation).ConfigureAwait(false);
            }
            catch (OperationCanceledException)
            {
                interrupted = true;
                context.Progress.WriteLine("interrupted; what is done so far follows");
            }
            all.AddRange(runner.Results);
            foreach (Table table in suite.Tables(context, runner.Results).Where(t => !t.IsEmpty))
            {
                table.Note(MachineText.Of(command, context.Settings));
                string markdown = table.ToMarkdown();
                Console.Out.WriteLine(markdown);
                if (page is not null)
                {
                    text = Page.Filled(text, table.Key, markdown);
                }
            }
            if (interrupted)
            {
                break;
            }
        }
        Save(text, all);
        return interrupted ? Interrupted : 0;
    }

    private void Save(string text, List<WorkloadResult> all)
    {
        if (page is not null)
        {
            File.WriteAllText(page, text);
        }
        if (json is not null)
        {
            var results = all.Select(r => new
            {
                r.Name,
                r.Rounds,
                r.Failures,
                r.Errors,
            });
            File.WriteAllText(json, JsonSerializer.Serialize(results, s_json));
        }
    }
}
