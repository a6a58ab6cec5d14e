using System.Globalization;
using System.Runtime.CompilerServices;
using Lamina;
using NativeHost;

// A program that is published by NativeAOT and trimmed: NativeHost FOLDER. It builds, trains, saves, loads, exports and predicts
// in the folder, and prints what it found, line by line, so that a test can compare it with the same program under the JIT.
CultureInfo.CurrentCulture = CultureInfo.InvariantCulture;
string folder = args[0];
Directory.CreateDirectory(folder);
Session.SetRandomSeed(5);
Console.WriteLine($"JIT: {RuntimeFeature.IsDynamicCodeSupported}");
try
{
    Model model = Networks.Trained(folder);
    Files.RoundTrips(model, folder);
    Files.ModelOfEveryLayer(folder);
    Uses.Predict(model, folder);
    Uses.LookInside(model);
    Uses.Quantize(model, folder);
    Uses.Gradient();
    Uses.ZooAndRecipe();
    Files.Describe(folder);
    Console.WriteLine("end");
    return 0;
}
catch (LaminaException e)
{
    Console.Error.WriteLine(e.Message);
    return 1;
}
