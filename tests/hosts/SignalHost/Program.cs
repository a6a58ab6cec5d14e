using System.Diagnostics;
using System.Globalization;
using System.Runtime.InteropServices;
using Lamina;
using static Lamina.Layers;

namespace SignalHost;

/// <summary>
/// A program that computes while it gets signals: SignalHost train|predict|quantized small|full SECONDS [gc]. The process and
/// its computing threads get each kind of signal all the time; with gc, garbage is collected all the time instead, since the
/// runtime suspends threads by a signal. It prints what it did, or dies of what a handler wrote over.
/// </summary>
internal static partial class Program
{
    private static readonly Dictionary<string, int> s_kinds = new(StringComparer.Ordinal)
    {
        ["HUP"] = 1,
        ["INT"] = 2,
        ["QUIT"] = 3,
        ["USR1"] = 10,
        ["USR2"] = 12,
        ["ALRM"] = 14,
        ["TERM"] = 15,
        ["CHLD"] = 17,
        ["CONT"] = 18,
        ["TSTP"] = 20,
        ["TTIN"] = 21,
        ["URG"] = 23,
        ["WINCH"] = 28,
    };

    private static long s_sent;
    private static long s_received;
    private static volatile bool s_done;

    private static void Main(string[] args)
    {
        PosixSignalRegistration[] registrations =
        [
            .. s_kinds.Values.Select(kind =>
                PosixSignalRegistration.Create(
                    (PosixSignal)kind,
                    context =>
                    {
                        context.Cancel = true;
                        Interlocked.Increment(ref s_received);
                    }
                )
            ),
        ];
        var sender = new Thread(args is [.., "gc"] ? Collect : Send) { IsBackground = true, Name = "sender" };
        Action step = Work(args[0], args[1] == "full");
        step();
        sender.Start();
        var clock = Stopwatch.StartNew();
        var limit = TimeSpan.FromSeconds(double.Parse(args[2], CultureInfo.InvariantCulture));
        int steps = 0;
        for (; clock.Elapsed < limit; steps++)
        {
            step();
        }
        s_done = true;
        sender.Join();
        Console.WriteLine($"end steps={steps} kinds={s_kinds.Count} sent={s_sent} received={s_received}");
        // What is still pending must not end the process.
        GC.KeepAlive(registrations);
    }

    private static Action Work(string what, bool full)
    {
        Session.SetRandomSeed(1);
        Model model = full ? Zoo.Build("walkthrough") : Small();
        Shape input = model.Inputs[0].Shape.WithBatch(full ? 2 : 8);
        var x = new NDArray(input);
        var random = new RandomStream(1, RandomPurpose.User);
        foreach (ref float value in x.Values)
        {
            value = random.NextSingle();
        }
        if (what == "train")
        {
            var y = new NDArray([input[0]!.Value, 1]);
            model.Compile(new Sgd(1e-4, momentum: 0.9), "sparse_categorical_crossentropy");
            return () => model.TrainOnBatch(x, y);
        }
        QuantizedModel? quantized = what == "quantized" ? model.Quantize(x) : null;
        Func<NDArray> predict = quantized is null ? () => model.Predict(x) : () => quantized.Predict(x);
        NDArray first = predict();
        return () =>
        {
            if (!predict().Values.SequenceEqual(first.Values))
            {
                throw new InvalidOperationException("The predictions have changed.");
            }
        };
    }

    private static Model Small()
    {
        Symbol input = Input(24, 24, 3);
        Symbol x = Conv2D(24, 5, strides: 2, activation: "relu")(input);
        x = MaxPool2D(3, 2)(x);
        x = Conv2D(32, 3, padding: "same", activation: "relu")(x);
        x = Dense(200, activation: "relu")(Flatten()(x));
        return Model(input, Dense(50, activation: "softmax")(x));
    }

    private static void Send()
    {
        int process = Environment.ProcessId;
        while (!s_done)
        {
            foreach (int kind in s_kinds.Values)
            {
                _ = Kill(process, kind);
                foreach (int thread in ComputingThreads())
                {
                    _ = Tgkill(process, thread, kind);
                }
                s_sent++;
            }
            Thread.Sleep(5);
        }
    }

    // The main thread and libtorch's, which have the program's name. .NET's thread for signals must not be the only one to
    // get them: it would wait for itself.
    private static int[] ComputingThreads() =>
        [
            .. Directory
                .EnumerateDirectories("/proc/self/task")
                .Where(t => NameOf(t).StartsWith("SignalHost", StringComparison.Ordinal))
                .Select(t => int.Parse(Path.GetFileName(t), CultureInfo.InvariantCulture)),
        ];

    private static string NameOf(string thread)
    {
        try
        {
            return File.ReadAllText($"{thread}/comm");
        }
        catch (IOException)
        {
            // It has ended.
            return "";
        }
    }

    private static void Collect()
    {
        while (!s_done)
        {
            GC.Collect(0);
            s_sent++;
        }
    }

    [LibraryImport("libc", EntryPoint = "kill")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial int Kill(int process, int signal);

    [LibraryImport("libc", EntryPoint = "tgkill")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial int Tgkill(int process, int thread, int signal);
}
