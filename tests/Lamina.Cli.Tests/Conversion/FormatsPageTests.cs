namespace Lamina.Cli.Tests.Conversion;

/// <summary>docs/formats.md: its table is what the program reads and writes.</summary>
public sealed class FormatsPageTests
{
    [Fact]
    public void The_table_is_the_programs()
    {
        string page = Golden.Read("formats.md");
        string table = page.Split("<!-- formats -->\n")[1].Split("<!-- end -->")[0];
        IEnumerable<string> rows = ModelFormats.All.Select(f =>
            $"| {f.Name} | {string.Join(", ", f.Extensions.Select(e => $"`{e}`"))} | {f.Title} | {Yes(f.HoldsGraph)} | "
            + $"{Yes(f.HoldsMetadata)} | {Yes(f.CanLoadWeights)} | {Yes(f.CanSave)} |\n"
        );
        Assert.Equal(
            "| format | endings | what it is | graph | classes, preprocessing | read | written |\n|---|---|---|---|---|---|---|\n"
                + string.Concat(rows),
            table
        );

        static string Yes(bool value) => value ? "yes" : "no";
    }
}
