namespace Lamina.Formats.Tests.Keras;

public class KerasDescriptionTests
{
    [Theory]
    [InlineData("keras/cnn/model.h5", "Keras HDF5 model")]
    [InlineData("keras/cnn/model.keras", "Keras 3 archive")]
    [InlineData("keras/cnn/legacy-weights.h5", "Keras 2 HDF5 weights")]
    [InlineData("keras/cnn/half.weights.h5", "Keras 3 HDF5 weights")]
    public void FilesAreDescribed(string file, string format)
    {
        FileDescription description = KerasFile.Describe(KerasGolden.Folder(file));
        Assert.Equal(format, description.Format);
        string dtype = file.Contains("half", StringComparison.Ordinal) ? "float16" : "float32";
        TensorDescription[] weights = [.. description.Tensors.Where(t => t.Dtype == dtype)];
        Assert.Equal(397, weights.Sum(t => t.Shape.Aggregate(1L, (a, b) => a * b)));
        Assert.Equal(dtype == "float16" ? 794 : 1588, weights.Sum(t => t.Bytes));
    }
}
