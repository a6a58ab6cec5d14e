using System.Diagnostics.CodeAnalysis;
using System.Runtime.CompilerServices;

namespace Lamina;

/// <summary>Registers the built-in layers under their Keras names, so that the graph depends on none of them.</summary>
internal static class BuiltInLayers
{
    [ModuleInitializer]
    [SuppressMessage("Usage", "CA2255", Justification = "Models can be read before any layer's class is touched.")]
    internal static void Register()
    {
        LayerRegistry.RegisterBuiltIn("InputLayer", InputLayer.FromConfig);
        LayerRegistry.RegisterBuiltIn("Conv2D", Conv2D.FromConfig, "Convolution2D");
        LayerRegistry.RegisterBuiltIn("BatchNormalization", BatchNormalization.FromConfig, "BatchNormalizationV1");
        LayerRegistry.RegisterBuiltIn("MaxPooling2D", MaxPool2D.FromConfig, "MaxPool2D");
        LayerRegistry.RegisterBuiltIn("AveragePooling2D", AveragePooling2D.FromConfig, "AvgPool2D");
        LayerRegistry.RegisterBuiltIn("GlobalAveragePooling2D", GlobalAveragePooling2D.FromConfig, "GlobalAvgPool2D");
        LayerRegistry.RegisterBuiltIn("AdaptiveAveragePooling2D", AdaptiveAveragePooling2D.FromConfig);
        LayerRegistry.RegisterBuiltIn("Flatten", Flatten.FromConfig);
        LayerRegistry.RegisterBuiltIn("Dense", Dense.FromConfig);
        LayerRegistry.RegisterBuiltIn("Dropout", Dropout.FromConfig);
        LayerRegistry.RegisterBuiltIn("Activation", ActivationLayer.FromConfig);
        LayerRegistry.RegisterBuiltIn("ReLU", ReLU.FromConfig);
        LayerRegistry.RegisterBuiltIn("LeakyReLU", LeakyReLU.FromConfig);
        LayerRegistry.RegisterBuiltIn("Softmax", Softmax.FromConfig);
        LayerRegistry.RegisterBuiltIn("ZeroPadding2D", ZeroPadding2D.FromConfig);
        LayerRegistry.RegisterBuiltIn("Concatenate", Concatenate.FromConfig);
        LayerRegistry.RegisterBuiltIn("Slice", Slice.FromConfig);
        LayerRegistry.RegisterBuiltIn("Add", Add.FromConfig);
        LayerRegistry.RegisterBuiltIn("Multiply", Multiply.FromConfig);
        LayerRegistry.RegisterBuiltIn("Permute", Permute.FromConfig);
        LayerRegistry.RegisterBuiltIn("Reshape", Reshape.FromConfig);
        LayerRegistry.RegisterBuiltIn("Rescaling", Rescaling.FromConfig);
        LayerRegistry.RegisterBuiltIn("LocalResponseNormalization", LocalResponseNormalization.FromConfig);
        LayerRegistry.RegisterBuiltIn(Operation.ConfigClass, Operation.FromConfig);
    }
}
