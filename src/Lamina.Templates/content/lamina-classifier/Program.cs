using Lamina;
using Lamina.Runs;
using LaminaClassifier;

// dotnet run -- train photos          photos/CLASS/*.jpg; photos/train and photos/test are used as such
// dotnet run -- evaluate              the test images once more, with a table of the classes
// dotnet run -- predict image.jpg
// dotnet run -- serve                 http://localhost:8000/v2, gRPC on port 8001
const string usage = "Usage: train FOLDER [EPOCHS] | evaluate | predict IMAGE... | serve [PORT]";
const string run = "run";

using var stop = new CancellationTokenSource();
Console.CancelKeyPress += (_, e) =>
{
    e.Cancel = !stop.IsCancellationRequested;
    stop.Cancel();
};

try
{
    switch (args)
    {
        case ["train", var folder]:
            return Training.Train(folder, epochs: null, run, stop.Token);
        case ["train", var folder, var epochs] when int.TryParse(epochs, out int n) && n > 0:
            return Training.Train(folder, n, run, stop.Token);
        case ["evaluate"]:
            return Training.Evaluate(run, stop.Token);
        case ["predict", _, ..]:
            return Training.Predict(run, args[1..]);
        case ["serve"]:
            return await Server.RunAsync(run, port: 8000, stop.Token);
        case ["serve", var port] when int.TryParse(port, out int number) && number is > 0 and < 65535:
            return await Server.RunAsync(run, number, stop.Token);
        default:
            Console.Error.WriteLine(usage);
            return 2;
    }
}
catch (LaminaException e)
{
    Console.Error.WriteLine(e.Message);
    return 1;
}
