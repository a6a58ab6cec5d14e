using System.Text.Json;
using Lamina.Torch;

namespace Lamina.Tests.Native;

public sealed class PyTorchFinderTests : IDisposable
{
    private static readonly DateTime s_past = new(2026, 1, 2, 3, 4, 5, DateTimeKind.Utc);
    private readonly string _root = Directory.CreateTempSubdirectory("lamina-python-").FullName;
    private readonly TorchFiles _files = TorchFiles.Platform;
    private readonly string _cache;
    private readonly string _python;
    private readonly string _modules;
    private string? _package;
    private int _asked;

    public PyTorchFinderTests()
    {
        _cache = Path.Combine(_root, "cache", "pytorch.json");
        _python = Path.Combine(_root, "python3");
        _modules = Path.Combine(_root, "modules");
        File.WriteAllText(_python, "");
        Directory.CreateDirectory(_modules);
        Directory.SetLastWriteTimeUtc(_modules, s_past);
    }

    public void Dispose() => Directory.Delete(_root, true);

    private PyTorchFinder Finder(string? python, string? answer = null) =>
        new(
            _cache,
            _files,
            () => python,
            (_, _) =>
            {
                _asked++;
                return answer ?? JsonSerializer.Serialize(new[] { _package, _modules });
            }
        );

    private string Install()
    {
        _package = Path.Combine(_modules, "torch");
        string lib = Path.Combine(_package, "lib");
        Directory.CreateDirectory(lib);
        File.WriteAllText(Path.Combine(lib, _files.Cpu), "");
        Directory.SetLastWriteTimeUtc(_modules, s_past.AddDays(1));
        return lib;
    }

    [Fact]
    public void Python_is_asked_once_while_nothing_changes()
    {
        string lib = Install();
        Assert.Equal(lib, Finder(_python).Find());
        Assert.Equal(lib, Finder(_python).Find());
        Assert.Equal(1, _asked);
    }

    [Fact]
    public void That_there_is_none_is_kept_until_a_package_is_installed()
    {
        Assert.Null(Finder(_python).Find());
        Assert.Null(Finder(_python).Find());
        Assert.Equal(1, _asked);
        string lib = Install();
        Assert.Equal(lib, Finder(_python).Find());
        Assert.Equal(2, _asked);
    }

    [Fact]
    public void A_removed_library_and_another_Python_are_noticed()
    {
        string lib = Install();
        Assert.Equal(lib, Finder(_python).Find());
        File.Delete(Path.Combine(lib, _files.Cpu));
        Assert.Null(Finder(_python).Find());
        Assert.Equal(2, _asked);
        string other = Path.Combine(_root, "python3.13");
        File.WriteAllText(other, "");
        Assert.Null(Finder(other).Find());
        Assert.Equal(3, _asked);
        File.SetLastWriteTimeUtc(other, s_past);
        Assert.Null(Finder(other).Find());
        Assert.Equal(4, _asked);
    }

    [Theory]
    [InlineData("")]
    [InlineData("{")]
    [InlineData("null")]
    [InlineData("{\"Key\":null}")]
    [InlineData("[1,2]")]
    public void A_damaged_cache_is_replaced(string content)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(_cache)!);
        File.WriteAllText(_cache, content);
        string lib = Install();
        Assert.Equal(lib, Finder(_python).Find());
        Assert.Equal(lib, Finder(_python).Find());
        Assert.Equal(1, _asked);
    }

    [Theory]
    [InlineData("")]
    [InlineData("Traceback (most recent call last):")]
    [InlineData("[]")]
    [InlineData("{}")]
    public void An_answer_that_is_none_is_not_kept(string answer)
    {
        Assert.Null(Finder(_python, answer).Find());
        Assert.False(File.Exists(_cache));
    }

    [Fact]
    public void Without_Python_nothing_is_asked()
    {
        Assert.Null(Finder(null).Find());
        Assert.Equal(0, _asked);
    }
}
