using Lamina.Torch;

namespace Lamina.Tests.Native;

public sealed class LibtorchChoiceTests : IDisposable
{
    private const string Cuda13 =
        "__version__ = '2.11.0+cu130'\ncuda: Optional[str] = '13.0'\nhip: Optional[str] = None\n";
    private const string Cpu = "__version__ = '2.11.0+cpu'\ncuda: Optional[str] = None\n";
    private const string Debian = "__version__ = '1.13.0a0'\ndebug = False\ncuda = None\n";

    private readonly string _root = Directory.CreateTempSubdirectory("lamina-choice-").FullName;
    private readonly TorchFiles _files = TorchFiles.Platform;
    private int _searches;

    public void Dispose() => Directory.Delete(_root, true);

    private string Put(string name, bool cuda, string? version = null)
    {
        string folder = Path.Combine(_root, name, "lib");
        Directory.CreateDirectory(folder);
        foreach (string file in (string[])[_files.Cpu, .. cuda ? new[] { _files.CudaCore, _files.Cuda } : []])
        {
            File.WriteAllText(Path.Combine(folder, file), "");
        }
        if (version is not null)
        {
            File.WriteAllText(Path.Combine(_root, name, "version.py"), version);
        }
        return folder;
    }

    private LibtorchChoice Choice(string? variable, string program, string? installed) =>
        new(
            variable,
            program,
            _files,
            () =>
            {
                _searches++;
                return installed;
            }
        );

    [Theory]
    [InlineData(Cuda13, "2.11.0+cu130", "13.0", false)]
    [InlineData(Cpu, "2.11.0+cpu", null, false)]
    [InlineData(Debian, "1.13.0a0", null, true)]
    [InlineData("__version__ = '2.9.1'\ncuda = \"12.6\"\n", "2.9.1", "12.6", true)]
    [InlineData("__version__ = '2.10.0a0+git1'\n", "2.10.0a0+git1", null, false)]
    [InlineData("print('no version')\n", null, null, false)]
    public void A_version_is_read_beside_the_folder(string text, string? version, string? cuda, bool isTooOld)
    {
        var folder = LibtorchFolder.Read(Put("torch", cuda is not null, text), LibtorchOrigin.PyTorch, _files);
        Assert.Equal((version, cuda, isTooOld), (folder.Version, folder.Cuda?.ToString(), folder.IsTooOld));
        Assert.Equal(cuda is not null, folder.HasCuda);
    }

    [Fact]
    public void An_archive_names_CUDA_in_its_version_only()
    {
        string lib = Put("libtorch", cuda: true);
        File.WriteAllText(Path.Combine(_root, "libtorch", "build-version"), "2.10.0+cu126\n");
        var folder = LibtorchFolder.Read(lib, LibtorchOrigin.Variable, _files);
        Assert.Equal(("2.10.0+cu126", "12.6"), (folder.Version, folder.Cuda?.ToString()));
    }

    [Fact]
    public void The_programs_library_is_used_without_asking_for_another()
    {
        string own = Put("own", cuda: false);
        LibtorchChoice choice = Choice(null, own, Put("torch", cuda: true, Cuda13));
        Assert.Equal((own, LibtorchOrigin.Program), Of(choice.Choose(cuda: false)));
        Assert.Equal(0, _searches);
    }

    [Fact]
    public void CUDA_takes_an_installed_PyTorch_only_if_it_has_what_the_program_lacks()
    {
        string own = Put("own", cuda: false);
        string torch = Put("torch", cuda: true, Cuda13);
        LibtorchChoice choice = Choice(null, own, torch);
        Assert.Equal((torch, LibtorchOrigin.PyTorch), Of(choice.Choose(cuda: true)));
        Assert.Equal((torch, LibtorchOrigin.PyTorch), Of(choice.Choose(cuda: true)));
        Assert.Equal(1, _searches);
        Assert.Equal(own, Choice(null, own, Put("cpu", cuda: false, Cpu)).Choose(cuda: true).Path);
        Assert.Equal(own, Choice(null, own, Put("old", cuda: true, "__version__ = '2.9.1'\n")).Choose(cuda: true).Path);
        Assert.Equal(own, Choice(null, own, null).Choose(cuda: true).Path);
        string both = Put("both", cuda: true);
        Assert.Equal(both, Choice(null, both, torch).Choose(cuda: true).Path);
    }

    [Fact]
    public void The_variable_counts_before_everything_else()
    {
        string chosen = Put("chosen", cuda: false);
        LibtorchChoice choice = Choice(chosen, Put("own", cuda: true), Put("torch", cuda: true, Cuda13));
        Assert.Equal((chosen, LibtorchOrigin.Variable), Of(choice.Choose(cuda: true)));
        Assert.Equal(0, _searches);
        string message = Assert
            .Throws<TorchException>(() => Choice(_root, Put("own", cuda: true), null).Choose(cuda: false))
            .Message;
        Assert.StartsWith($"LAMINA_LIBTORCH is {_root}, which has no {_files.Cpu}", message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_program_without_a_library_uses_an_installed_PyTorch_that_is_new_enough()
    {
        string torch = Put("torch", cuda: false, Cpu);
        Assert.Equal(torch, Choice(null, _root, torch).Choose(cuda: false).Path);
        LibtorchChoice old = Choice(null, _root, Put("old", cuda: false, Debian));
        Assert.StartsWith(
            "libtorch is missing",
            Assert.Throws<TorchException>(() => old.Choose(cuda: false)).Message,
            StringComparison.Ordinal
        );
    }

    private static (string, LibtorchOrigin) Of(LibtorchFolder folder) => (folder.Path, folder.Origin);
}
