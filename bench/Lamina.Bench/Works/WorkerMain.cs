using Lamina.Bench.Peers;

namespace Lamina.Bench;

/// <summary>This program as a worker of its own bench: what requests' kinds mean.</summary>
internal static class WorkerMain
{
    public static int Run(string json) =>
        PeerLoop.Serve(
            json,
            request =>
                request.Kind switch
                {
                    PeerRequest.Train => new LaminaTraining(request),
                    PeerRequest.Infer when request.Variant == LaminaInteger.Variant => new LaminaInteger(request),
                    QuantizedFileWork.Kind => new QuantizedFileWork(request),
                    PeerRequest.Infer => new LaminaInference(request),
                    MachineWork.Product => new ProductWork(),
                    MachineWork.Copy => new CopyWork(),
                    MachineWork.Fma => new FmaWork(),
                    LoadWork.Kind => new LoadWork(),
                    ConvolutionWork.Kind => new ConvolutionWork(request),
                    LoaderWork.Kind => new LoaderWork(request),
                    RankWork.Kind => new RankWork(request),
                    PackedWork.Kind => new PackedWork(request),
                    FormatWork.PyTorchLoad
                    or FormatWork.PyTorchSave
                    or FormatWork.SafetensorsLoad
                    or FormatWork.SafetensorsSave => new FormatWork(request),
                    FedTraining.Kind => new FedTraining(request),
                    var other => throw new LaminaException($"There is no work '{other}'."),
                }
        );
}
