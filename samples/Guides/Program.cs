// Programs of the Keras documentation in C#: dotnet run -c Release --project samples/Guides NAME [--quick]
using Guides;
using Lamina;

Dictionary<string, (string What, Action<GuideRun> Run)> guides = GuideList.All;
string name = args.FirstOrDefault(a => !a.StartsWith('-')) ?? "";
if (!guides.TryGetValue(name, out (string What, Action<GuideRun> Run) guide))
{
    Console.Error.WriteLine($"{(name.Length == 0 ? "Name a guide" : $"'{name}' is not a guide")}. There are:");
    foreach ((string key, (string what, _)) in guides)
    {
        Console.Error.WriteLine($"  {key, -18}{what}");
    }
    return 2;
}
try
{
    guide.Run(new GuideRun(Console.Out, Path.Combine("guides", name), args.Contains("--quick")));
    return 0;
}
catch (LaminaException e)
{
    Console.Error.WriteLine(e.Message);
    return 1;
}
