using System.Text;

namespace Lamina.Formats.Tests.Keras;

public class Hdf5Tests
{
    // Published with the function: lookup3.c's own driver prints these for "Four score and seven years ago".
    [Fact]
    public void ChecksumsAreThoseOfTheirAuthor()
    {
        Assert.Equal(0x17770551u, Hdf5Checksum.Compute(Encoding.ASCII.GetBytes("Four score and seven years ago")));
        Assert.Equal(0xdeadbeefu, Hdf5Checksum.Compute([]));
    }

    [Fact]
    public void ManyLinksAndAttributesAreFoundInTheirHeaps()
    {
        using FileStream file = File.OpenRead(KerasGolden.Folder("keras", "many.h5"));
        Hdf5Group root = Hdf5File.Open(file, file.Length).Root;
        string[] expected = [.. Enumerable.Range(0, 120).Select(i => $"layer_{i:000}")];
        Assert.Equal(expected, root.Names.Order());
        Assert.Equal(expected, KerasWeightGroup.Names(root, "layer_names"));
        Assert.Equal("77", root.Group("layer_077")!.Text("number"));
        Assert.Null(root.Group("layer_120"));
        Assert.Null(root.Text("layer_names120"));
    }

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
