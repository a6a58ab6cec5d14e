using System.Globalization;
using Lamina.Bench.Peers;

namespace Lamina.Bench;

/// <summary>Whether reading images keeps up with training.</summary>
internal sealed class LoaderSuite() : Suite("loader", "Reading images: alone, and as training's source.")
{
    private const int Photos = 256;
    private const string Decode = "loader photos";
    private const string PackedJpeg = "loader packed as JPEG";
    private const string PackedRaw = "loader packed as pixels";
    private const string OneThread = "1 thread";
    private const string AllThreads = "a thread a core";
    private const string Loaded = "decoded every epoch";
    private const string Cached = "decoded once";
    private const string Kept = "batches in memory";

    private double _fileBytes;
    private readonly Dictionary<bool, double> _packedBytes = [];

    public override IReadOnlyList<Workload> Workloads(SuiteContext context)
    {
        string folder = context.Folder("photos");
        void Write()
        {
            if (_fileBytes == 0)
            {
                _fileBytes = SyntheticPhotos.Write(folder, Photos);
            }
        }
        return
        [
            new Workload(
                Decode,
                [OneThread, AllThreads],
                [Reader(OneThread, folder, 1), Reader(AllThreads, folder, Environment.ProcessorCount)]
            )
            {
                Prepare = Write,
            },
            Packed(PackedJpeg, context, Write, false),
            Packed(PackedRaw, context, Write, true),
            Training("loader training on photos, walkthrough 224, 32", folder) with
            {
                Prepare = Write,
            },
            Training("loader training on the shipped images, walkthrough 64, 64", ""),
        ];
    }

    private Workload Packed(string name, SuiteContext context, Action writePhotos, bool raw)
    {
        string folder = context.Folder(raw ? "packed-raw" : "packed");
        return new Workload(
            name,
            [PackedWork.Pixels, PackedWork.Inputs],
            [PackedReader(PackedWork.Pixels, folder), PackedReader(PackedWork.Inputs, folder)]
        )
        {
            Prepare = () =>
            {
                writePhotos();
                ImageFolder photos = ImageFolder.Open(context.Folder("photos"));
                PackResult packed = ImagePacker.Pack([("train", photos)], folder, new PackOptions { Raw = raw });
                _packedBytes[raw] = (double)packed.Bytes / packed.Images;
            },
        };
    }

    private static WorkerContender PackedReader(string variant, string folder) =>
        new(
            variant,
            () => PeerCommand.Own,
            new PeerRequest
            {
                Kind = PackedWork.Kind,
                Folder = folder,
                Variant = variant,
            }
        );

    private static WorkerContender Reader(string name, string folder, int threads) =>
        new(
            name,
            () => PeerCommand.Own,
            new PeerRequest
            {
                Kind = LoaderWork.Kind,
                Folder = folder,
                Batch = threads,
            }
        );

    private static Workload Training(string name, string folder) =>
        new(
            name,
            [Kept, Loaded, Cached],
            [
                Trainer(Kept, FedTraining.Kept, folder),
                Trainer(Loaded, FedTraining.Loaded, folder),
                Trainer(Cached, FedTraining.Cached, folder),
            ]
        );

    private static WorkerContender Trainer(string name, string variant, string folder) =>
        new(
            name,
            () => PeerCommand.Own,
            new PeerRequest
            {
                Kind = FedTraining.Kind,
                Folder = folder,
                Variant = variant,
            }
        );

    public override IReadOnlyList<Table> Tables(SuiteContext context, IReadOnlyList<WorkloadResult> results)
    {
        string size = (_fileBytes / 1024).ToString("0", CultureInfo.InvariantCulture);
        var alone = new Table(
            "loader-alone",
            $"JPEGs of {SyntheticPhotos.Width}×{SyntheticPhotos.Height} ({size} KB on average) decoded, resized to 256 at the "
                + "short side, cropped to 224×224 and mirrored: images a second.",
            "threads",
            "images a second",
            "processor time an image, ms"
        );
        var packed = new Table(
            "loader-packed",
            "The same photos packed with the short side at 256, on one thread, in the page cache: to pixels of the whole image, and to "
                + "inputs as above; images per second of processor time.",
            "shards",
            "KB an image",
            PackedWork.Pixels,
            PackedWork.Inputs
        );
        var training = new Table(
            "loader-training",
            "Training from the same batches in memory, and from the loader: photos decoded every epoch, and decoded once "
                + "(as `alexnet train` does, within `--cache-mb`); images a second.",
            "data, model, batch",
            Kept,
            Loaded,
            "share",
            Cached,
            "share"
        );
        foreach (WorkloadResult result in results.Where(r => r.Rounds.Count > 0))
        {
            if (result.Name is PackedJpeg or PackedRaw)
            {
                double bytes = _packedBytes[result.Name == PackedRaw];
                packed.Add(
                    result.Name["loader packed as ".Length..],
                    (bytes / 1024).ToString("0", CultureInfo.InvariantCulture),
                    PerCore(PackedWork.Pixels),
                    PerCore(PackedWork.Inputs)
                );
                // By processor time: the rate of a core, whatever else the machine does.
                string PerCore(string variant) =>
                    Spread.Of(result.Of(variant, r => r.Runs * r.Work / r.ProcessorSeconds)).ToText("0");
                continue;
            }
            if (result.Name == Decode)
            {
                foreach (string threads in result.Rounds.Keys)
                {
                    Spread processor = Spread.Of(result.Of(threads, r => r.ProcessorSeconds / (r.Runs * r.Work)));
                    alone.Add(threads, Cells.Rate(result, threads, "0"), processor.ToText("0.00", 1000));
                }
                continue;
            }
            string Share(string source) =>
                result.Has(Kept) && result.Has(source)
                    ? result.Speedup(source, Kept).ToText("0.0", 100) + " %"
                    : Cells.Missing;
            training.Add(
                result.Name[(result.Name.IndexOf(" on ", StringComparison.Ordinal) + 4)..],
                Cells.Rate(result, Kept),
                Cells.Rate(result, Loaded),
                Share(Loaded),
                Cells.Rate(result, Cached),
                Share(Cached)
            );
        }
        training.NoteFailures(results);
        return [alone, packed, training];
    }
}
