using Lamina.Torch;

namespace Lamina.Tests.Native;

public sealed class TorchFilesTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("lamina-files-").FullName;
    private readonly TorchFiles _files = TorchFiles.Platform;

    public void Dispose() => Directory.Delete(_folder, true);

    private string Put(params string[] parts)
    {
        string folder = Path.Combine([_folder, .. parts]);
        Directory.CreateDirectory(folder);
        File.WriteAllText(Path.Combine(folder, _files.Cpu), "");
        return folder;
    }

    [Fact]
    public void The_variable_counts_before_the_programs_folder()
    {
        string chosen = Put("chosen");
        Put("program");
        Assert.Equal(chosen, TorchFiles.Locate(chosen, Path.Combine(_folder, "program"), _files));
    }

    [Fact]
    public void A_variable_that_names_no_folder_is_an_error_even_if_the_program_has_one()
    {
        string program = Put("program");
        var e = Assert.Throws<TorchException>(() => TorchFiles.Locate("/no/such", program, _files));
        Assert.Contains("LAMINA_LIBTORCH is /no/such, which is not a folder", e.Message, StringComparison.Ordinal);
        Assert.DoesNotContain('\n', e.Message);
    }

    [Fact]
    public void A_variable_that_names_a_folder_without_the_library_is_an_error()
    {
        var e = Assert.Throws<TorchException>(() => TorchFiles.Locate(_folder, _folder, _files));
        Assert.Contains($"has no {_files.Cpu}", e.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void The_programs_folder_counts_before_the_packages_folder_under_it()
    {
        string package = Put("runtimes", _files.Rid, "native");
        Assert.Equal(package, TorchFiles.Locate(null, _folder, _files));
        Assert.Equal(package, TorchFiles.Locate(" ", _folder, _files));
        Put();
        Assert.Equal(_folder, TorchFiles.Locate(null, _folder, _files));
    }

    [Fact]
    public void A_missing_library_says_what_was_tried_and_what_to_do()
    {
        var e = Assert.Throws<TorchException>(() => TorchFiles.Locate(null, _folder, _files));
        Assert.Contains(_folder, e.Message, StringComparison.Ordinal);
        Assert.Contains($"libtorch-cpu-{_files.Rid}", e.Message, StringComparison.Ordinal);
        Assert.Contains("LAMINA_LIBTORCH", e.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_library_that_does_not_load_says_which_and_what_to_do()
    {
        File.WriteAllText(Path.Combine(_folder, _files.Cpu), "not a library\n");
        var e = Assert.Throws<TorchException>(() => TorchLibrary.LoadOne(_folder, _files.Cpu));
        Assert.Contains($"libtorch in {_folder} cannot be loaded: {_files.Cpu}", e.Message, StringComparison.Ordinal);
        Assert.Contains("LAMINA_LIBTORCH", e.Message, StringComparison.Ordinal);
        Assert.DoesNotContain('\n', e.Message);
    }
}
