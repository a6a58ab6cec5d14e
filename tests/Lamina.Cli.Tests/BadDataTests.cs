using System.Buffers.Binary;
using System.Diagnostics;

namespace Lamina.Cli.Tests;

/// <summary>Bad data and a bad disk: exit code 1 and one line that says what and where.</summary>
public sealed class BadDataTests : IDisposable
{
    private readonly TempFolder _folder = new();

    [Fact]
    public void No_such_folder()
    {
        Outcome outcome = Alexnet.Run("train", _folder["nowhere"]);
        Assert.Equal((1, $"{_folder["nowhere"]}: no such folder."), (outcome.Code, outcome.ErrorLine));
        outcome = Alexnet.Run("evaluate", _folder["nowhere"]);
        Assert.Equal(
            (1, $"{_folder["nowhere"]}: no such run folder or saved model."),
            (outcome.Code, outcome.ErrorLine)
        );
    }

    [Fact]
    public void An_empty_class()
    {
        string data = _folder.WriteImages("data", perClass: 2);
        string empty = Directory.CreateDirectory(Path.Combine(data, "empty")).FullName;
        Outcome outcome = Alexnet.Run("train", data, "--output", _folder["run"]);
        Assert.Equal(1, outcome.Code);
        Assert.StartsWith($"{empty}: the class has no images", outcome.ErrorLine, StringComparison.Ordinal);
        Assert.False(Directory.Exists(_folder["run"]), "a run folder was made for nothing");
    }

    [Fact]
    public void A_text_file_named_jpg_ends_a_strict_run()
    {
        string data = _folder.WriteImages("data", perClass: 4);
        string text = Path.Combine(data, "dark", "text.jpg");
        File.WriteAllText(text, "just some words\n");
        Outcome outcome = Alexnet.Run("train", data, "--strict", "--epochs", "1", "--output", _folder["run"]);
        Assert.Equal(1, outcome.Code);
        Assert.StartsWith($"{text}: is not an image", outcome.ErrorLine, StringComparison.Ordinal);
    }

    [Fact]
    public void An_image_that_declares_60000_by_60000_is_not_decoded()
    {
        string data = _folder.WriteImages("data", perClass: 4);
        string huge = Path.Combine(data, "dark", "huge.bmp");
        File.WriteAllBytes(huge, BitmapHeader(60000, 60000));
        Outcome outcome = Alexnet.Run("train", data, "--strict", "--epochs", "1", "--output", _folder["run"]);
        Assert.Equal(1, outcome.Code);
        Assert.StartsWith($"{huge}: declares 60000×60000 pixels", outcome.ErrorLine, StringComparison.Ordinal);
    }

    [Fact]
    public void A_full_disk_is_one_line()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "needs a POSIX shell's ulimit.");
        string data = _folder.WriteImages("data", perClass: 4);
        // No file may grow over 32 MiB (in blocks of 512 bytes): the weights do not fit, everything else does.
        using Process process = Alexnet.StartFile(
            "sh",
            "-c",
            "trap '' XFSZ; ulimit -f 65536; exec dotnet \"$0\" train \"$1\" --epochs 1 --output \"$2\"",
            Alexnet.Assembly,
            data,
            _folder["run"]
        );
        Outcome outcome = Alexnet.Finish(process);
        Assert.Equal(1, outcome.Code);
        Assert.StartsWith(_folder["run"], outcome.ErrorLine, StringComparison.Ordinal);
        Assert.Contains("cannot be written", outcome.ErrorLine, StringComparison.Ordinal);
        Assert.Equal(2, File.ReadAllLines(Path.Combine(_folder["run"], "history.csv")).Length);
    }

    [Fact]
    public void Interrupted_it_saves_what_it_has()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "sends a POSIX signal.");
        string data = _folder.WriteImages("data", perClass: 20);
        using Process process = Alexnet.Start("train", data, "--epochs", "100000", "--output", _folder["run"]);
        // The first line of an epoch: by then the training runs.
        string? line;
        do
        {
            line = process.StandardOutput.ReadLine();
            Assert.NotNull(line);
        } while (!line.StartsWith("epoch 1/", StringComparison.Ordinal));
        Alexnet.Signal(process, "INT");
        Outcome outcome = Alexnet.Finish(process);
        Assert.Equal(130, outcome.Code);
        Assert.StartsWith("interrupted", outcome.ErrorLine, StringComparison.Ordinal);
        Assert.Contains("Model and history are in", outcome.Output, StringComparison.Ordinal);
        Assert.True(File.Exists(Path.Combine(_folder["run"], "history.csv")));
        Assert.Equal(0, Alexnet.Run("predict", _folder["run"], Path.Combine(data, "dark", "0.png")).Code);
    }

    public void Dispose() => _folder.Dispose();

    private static byte[] BitmapHeader(int width, int height)
    {
        var file = new byte[1024];
        "BM"u8.CopyTo(file);
        BinaryPrimitives.WriteInt32LittleEndian(file.AsSpan(2), file.Length);
        BinaryPrimitives.WriteInt32LittleEndian(file.AsSpan(10), 54);
        BinaryPrimitives.WriteInt32LittleEndian(file.AsSpan(14), 40);
        BinaryPrimitives.WriteInt32LittleEndian(file.AsSpan(18), width);
        BinaryPrimitives.WriteInt32LittleEndian(file.AsSpan(22), height);
        file[26] = 1;
        file[28] = 24;
        return file;
    }
}
