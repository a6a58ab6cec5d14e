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
        LayerRegistry.RegisterBuiltIn("ActivityRegularization", ActivityRegularization.FromConfig);
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
        LayerRegistry.RegisterBuiltIn("DepthwiseConv2D", DepthwiseConv2D.FromConfig);
        LayerRegistry.RegisterBuiltIn("SeparableConv2D", SeparableConv2D.FromConfig, "SeparableConvolution2D");
        LayerRegistry.RegisterBuiltIn("Conv2DTranspose", Conv2DTranspose.FromConfig, "Convolution2DTranspose");
        LayerRegistry.RegisterBuiltIn("Conv1D", Conv1D.FromConfig, "Convolution1D");
        LayerRegistry.RegisterBuiltIn("GlobalMaxPooling2D", GlobalMaxPooling2D.FromConfig, "GlobalMaxPool2D");
        LayerRegistry.RegisterBuiltIn("Cropping2D", Cropping2D.FromConfig);
        LayerRegistry.RegisterBuiltIn("UpSampling2D", UpSampling2D.FromConfig);
        LayerRegistry.RegisterBuiltIn("RepeatVector", RepeatVector.FromConfig);
        LayerRegistry.RegisterBuiltIn("Identity", Identity.FromConfig);
        LayerRegistry.RegisterBuiltIn("ELU", ELU.FromConfig);
        LayerRegistry.RegisterBuiltIn("PReLU", PReLU.FromConfig);
        LayerRegistry.RegisterBuiltIn("Average", Average.FromConfig);
        LayerRegistry.RegisterBuiltIn("Maximum", Maximum.FromConfig);
        LayerRegistry.RegisterBuiltIn("Minimum", Minimum.FromConfig);
        LayerRegistry.RegisterBuiltIn("Subtract", Subtract.FromConfig);
        LayerRegistry.RegisterBuiltIn("Dot", Dot.FromConfig);
        LayerRegistry.RegisterBuiltIn("LayerNormalization", LayerNormalization.FromConfig);
        LayerRegistry.RegisterBuiltIn("RMSNormalization", RMSNormalization.FromConfig);
        LayerRegistry.RegisterBuiltIn("UnitNormalization", UnitNormalization.FromConfig);
        LayerRegistry.RegisterBuiltIn("GroupNormalization", GroupNormalization.FromConfig);
        LayerRegistry.RegisterBuiltIn("SpatialDropout2D", SpatialDropout2D.FromConfig);
        LayerRegistry.RegisterBuiltIn("GaussianNoise", GaussianNoise.FromConfig);
        LayerRegistry.RegisterBuiltIn("GaussianDropout", GaussianDropout.FromConfig);
        LayerRegistry.RegisterBuiltIn("AlphaDropout", AlphaDropout.FromConfig);
        LayerRegistry.RegisterBuiltIn("Lambda", Lambda.FromConfig);
        LayerRegistry.RegisterBuiltIn("LocalResponseNormalization", LocalResponseNormalization.FromConfig);
        LayerRegistry.RegisterBuiltIn(Operation.ConfigClass, Operation.FromConfig);
        RegisterPreprocessing();
    }

    private static void RegisterPreprocessing()
    {
        LayerRegistry.RegisterBuiltIn("Normalization", Normalization.FromConfig);
        LayerRegistry.RegisterBuiltIn("Resizing", Resizing.FromConfig);
        LayerRegistry.RegisterBuiltIn("CenterCrop", CenterCrop.FromConfig);
        LayerRegistry.RegisterBuiltIn("RandomTranslation", RandomTranslation.FromConfig);
        LayerRegistry.RegisterBuiltIn("RandomZoom", RandomZoom.FromConfig);
        LayerRegistry.RegisterBuiltIn("RandomContrast", RandomContrast.FromConfig);
        LayerRegistry.RegisterBuiltIn("RandomBrightness", RandomBrightness.FromConfig);
        LayerRegistry.RegisterBuiltIn("RandomFlip", RandomFlipLayer.FromConfig);
        LayerRegistry.RegisterBuiltIn("RandomRotation", RandomRotationLayer.FromConfig);
        LayerRegistry.RegisterBuiltIn("RandomCrop", RandomCropLayer.FromConfig);
    }
}
