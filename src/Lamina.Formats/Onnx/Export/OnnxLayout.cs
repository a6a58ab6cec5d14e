namespace Lamina;

/// <summary>The order of dimensions of a file's images, at the model's inputs and outputs.</summary>
public enum OnnxLayout
{
    /// <summary>The order (N, C, H, W) of ONNX and torchvision, which users of ONNX Runtime expect.</summary>
    Nchw,

    /// <summary>
    /// The order (N, H, W, C) of Lamina and Keras, as tf2onnx exports it. A Transpose at the beginning converts it to
    /// ONNX's.
    /// </summary>
    Nhwc,
}
