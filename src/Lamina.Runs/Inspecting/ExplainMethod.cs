namespace Lamina.Runs;

/// <summary>The methods that explain a prediction by the parts of an image.</summary>
public enum ExplainMethod
{
    /// <summary>The regions where the maps of the last convolution speak for the class.</summary>
    GradCam,

    /// <summary>The same with weights for several appearances of the class.</summary>
    GradCamPlusPlus,

    /// <summary>The fall of the probability where the image is covered.</summary>
    Occlusion,

    /// <summary>The share of each pixel in the difference from an empty image.</summary>
    IntegratedGradients,

    /// <summary>The gradient by each pixel.</summary>
    Saliency,

    /// <summary>The mean gradient over noisy copies.</summary>
    SmoothGrad,

    /// <summary>The gradient that ReLUs pass where it is positive.</summary>
    GuidedBackpropagation,
}
