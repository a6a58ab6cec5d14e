using Lamina.Serving.Grpc;

namespace Lamina.Serving;

/// <summary>Triton's model configuration, from which its clients learn the largest batch and the layout of images.</summary>
internal static class ModelConfiguration
{
    /// <summary>Returns the configuration of a version.</summary>
    public static ModelConfig Of(ServedVersion version)
    {
        BatchingOptions options = version.Options;
        return new ModelConfig
        {
            Name = version.ModelName,
            Platform = version.Model.Platform,
            Backend = "lamina",
            MaxBatchSize = options.MaxBatch,
            Input = { version.Model.Inputs.Select(Input) },
            Output = { version.Model.Outputs.Select(Output) },
            InstanceGroup =
            {
                new ModelInstanceGroup
                {
                    Name = version.ModelName,
                    Count = options.Instances,
                    Kind = ModelInstanceGroup.Types.Kind.Cpu,
                },
            },
            DynamicBatching = new ModelDynamicBatching
            {
                PreferredBatchSize = { options.MaxBatch },
                MaxQueueDelayMicroseconds = (ulong)options.MaxDelay.TotalMicroseconds,
                PriorityLevels = (ulong)options.PriorityLevels,
                DefaultPriorityLevel = (ulong)options.DefaultPriority,
            },
        };
    }

    private static ModelInput Input(TensorSpec tensor) =>
        new()
        {
            Name = tensor.Name,
            DataType = Grpc.DataType.TypeFp32,
            Format = tensor.Sample.Rank == 3 ? ModelInput.Types.Format.Nhwc : ModelInput.Types.Format.None,
            Dims = { tensor.Dimensions.Skip(1) },
        };

    private static ModelOutput Output(TensorSpec tensor) =>
        new()
        {
            Name = tensor.Name,
            DataType = Grpc.DataType.TypeFp32,
            Dims = { tensor.Dimensions.Skip(1) },
        };
}
