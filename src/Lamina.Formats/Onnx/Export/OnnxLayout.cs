namespace Lamina;

/// <summary>The order of dimensions of a file's images, at the model's inputs and outputs.</summary>
public enum OnnxLayout
{
    /// <summary>(N, C, H, W): ONNX's own and torchvision's, what users of ONNX Runtime expect.</summary>
    Nchw,

    /// <summary>(N, H, W, C): Lamina's and Keras's, as tf2onnx exports. One Transpose at the beginning makes it ONNX's.</summary>
    Nhwc,
}
