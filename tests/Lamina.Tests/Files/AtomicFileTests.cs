using System.Diagnostics;
using System.Globalization;
using Lamina.Formats.Tests;

namespace Lamina.Tests.Files;

public class AtomicFileTests
{
    [Fact]
    public void Writes_and_replaces()
    {
        using var folder = new TempFolder();
        AtomicFile.WriteAllText(folder["a.csv"], "one é");
        Assert.Equal("one é"u8.ToArray(), File.ReadAllBytes(folder["a.csv"]));
        AtomicFile.WriteAllBytes(folder["a.csv"], "2"u8.ToArray());
        Assert.Equal("2", File.ReadAllText(folder["a.csv"]));
        Assert.Equal(["a.csv"], folder.Names());
    }

    [Fact]
    public void A_relative_path_is_in_the_current_folder()
    {
        string name = $"lamina-{Guid.NewGuid():N}.txt";
        AtomicFile.WriteAllText(name, "x");
        Assert.Equal("x", File.ReadAllText(Path.Combine(Environment.CurrentDirectory, name)));
        File.Delete(name);
    }

    [Fact]
    public void A_failure_at_any_byte_leaves_the_old_file_alone()
    {
        using var folder = new TempFolder();
        AtomicFile.WriteAllText(folder["a"], "old");
        foreach (int count in (int[])[0, 1, 65535, 65536, 200_000])
        {
            var diskFull = new IOException("No space left on device", 28);
            LaminaException error = OneLine.Error(
                () =>
                    AtomicFile.Write(
                        folder["a"],
                        stream =>
                        {
                            stream.Write(new byte[count]);
                            throw diskFull;
                        }
                    ),
                folder["a"],
                "cannot be written: no space left on device."
            );
            Assert.Same(diskFull, error.InnerException);
            Assert.Throws<OperationCanceledException>(() =>
                AtomicFile.Write(
                    folder["a"],
                    stream =>
                    {
                        stream.Write(new byte[count]);
                        throw new OperationCanceledException();
                    }
                )
            );
            Assert.Equal(["a"], folder.Names());
            Assert.Equal("old", File.ReadAllText(folder["a"]));
        }
    }

    [Fact]
    public void The_new_file_has_its_name_only_when_it_is_whole()
    {
        using var folder = new TempFolder();
        AtomicFile.Write(
            folder["a"],
            stream =>
            {
                stream.Write(new byte[100_000]);
                Assert.False(File.Exists(folder["a"]));
                stream.Write(new byte[100_000]);
            }
        );
        Assert.Equal(200_000, new FileInfo(folder["a"]).Length);
    }

    [Fact]
    public void Leftovers_of_killed_processes_are_removed_and_nothing_else()
    {
        using var folder = new TempFolder();
        string[] others = [".a.tmp", ".ab.12345678.abc.tmp", ".a.b.12345678.abc.tmp", "a.12345678.abc.tmp", "b"];
        foreach (string name in (string[])[".a.12345678.abc.tmp", .. others])
        {
            File.WriteAllText(folder[name], "x");
        }
        AtomicFile.WriteAllText(folder["a"], "new");
        Assert.Equal([.. ((string[])[.. others, "a"]).Order()], folder.Names());
    }

    [Fact]
    public void Writers_of_one_file_do_not_disturb_each_other()
    {
        using var folder = new TempFolder();
        AtomicFile.Write(
            folder["a"],
            outer =>
            {
                outer.Write("out"u8);
                AtomicFile.WriteAllText(folder["a"], "inner");
                Assert.Equal("inner", File.ReadAllText(folder["a"]));
                outer.Write("er"u8);
            }
        );
        Assert.Equal("outer", File.ReadAllText(folder["a"]));
        Assert.Equal(["a"], folder.Names());
    }

    [Fact]
    public async Task Readers_find_the_old_file_or_the_new_one_and_are_never_refused()
    {
        using var folder = new TempFolder();
        AtomicFile.WriteAllText(folder["a"], "0");
        using var stop = new CancellationTokenSource();
        var writer = Task.Run(
            () =>
            {
                for (int i = 1; !stop.IsCancellationRequested; i++)
                {
                    AtomicFile.WriteAllText(folder["a"], $"{i}");
                }
            },
            TestContext.Current.CancellationToken
        );
        try
        {
            for (int i = 0, last = 0; i < 20_000; i++)
            {
                int read = int.Parse(File.ReadAllText(folder["a"]), CultureInfo.InvariantCulture);
                Assert.True(read >= last);
                last = read;
            }
        }
        finally
        {
            await stop.CancelAsync();
        }
        await writer;
    }

    [Fact]
    public void Folders_missing_folders_and_locked_folders_are_named()
    {
        using var folder = new TempFolder();
        OneLine.Error(() => AtomicFile.WriteAllText(folder.Root, "x"), folder.Root, "it is a folder");
        string missing = Path.Combine(folder["none"], "a");
        OneLine.Error(() => AtomicFile.WriteAllText(missing, "x"), missing, "no such folder");
        File.WriteAllText(folder["file"], "x");
        OneLine.Error(() => AtomicFile.WriteAllText(Path.Combine(folder["file"], "a"), "x"), "cannot be written");
        OneLine.Error(() => AtomicFile.WriteAllText(folder[new string('n', 300)], "x"), "cannot be written");
    }

    [Fact]
    public void A_link_stays_and_its_target_is_replaced()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "Links need a privilege on Windows.");
        using var folder = new TempFolder();
        File.WriteAllText(folder["target"], "old");
        File.CreateSymbolicLink(folder["link"], "target");
        AtomicFile.WriteAllText(folder["link"], "new");
        Assert.Equal("new", File.ReadAllText(folder["target"]));
        Assert.Equal("target", new FileInfo(folder["link"]).LinkTarget);
    }

    [Fact]
    public void A_full_device_says_so_and_stays_a_device()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "/dev/full is Linux's.");
        OneLine.Error(() => AtomicFile.WriteAllText("/dev/full", "x"), "/dev/full", "no space left on device");
        Assert.NotEqual(0, (int)(File.GetAttributes("/dev/full") & (FileAttributes.Device | FileAttributes.Normal)));
        Assert.Throws<IOException>(() => File.WriteAllText("/dev/full", "x"));
    }

    [Fact]
    public void A_full_file_system_leaves_the_old_file_alone()
    {
        Assert.SkipUnless(
            OperatingSystem.IsLinux() && Environment.IsPrivilegedProcess,
            "Mounting needs root on Linux."
        );
        using var folder = new TempFolder();
        string small = Directory.CreateDirectory(folder["small"]).FullName;
        Assert.SkipUnless(
            Run("mount", "-t", "tmpfs", "-o", "size=64k", "tmpfs", small),
            "Mounting is not allowed here."
        );
        try
        {
            string file = Path.Combine(small, "a");
            AtomicFile.WriteAllText(file, "old");
            OneLine.Error(
                () => AtomicFile.WriteAllBytes(file, new byte[1 << 20]),
                file,
                "cannot be written: no space left on device."
            );
            // What fits the buffer is refused only when it is flushed.
            OneLine.Error(
                () =>
                    AtomicFile.Write(
                        file,
                        s =>
                        {
                            for (int i = 0; i < 100; i++)
                            {
                                s.Write(new byte[1000]);
                            }
                        }
                    ),
                "no space left on device"
            );
            Assert.Equal("old", File.ReadAllText(file));
            Assert.Equal(["a"], Directory.GetFileSystemEntries(small).Select(p => Path.GetFileName(p)!));
            OneLine.Error(() => AtomicFile.WriteAllBytes(file, new byte[4 << 20]), file, "no space left on device");
        }
        finally
        {
            Assert.True(Run("umount", small));
        }
    }

    [Fact]
    public void Reasons_are_single_lines()
    {
        Assert.Equal("permission denied", FileErrors.Reason(new UnauthorizedAccessException("x")));
        Assert.Equal("no space left on device", FileErrors.Reason(new IOException("x", unchecked((int)0x80070070))));
        Assert.Equal("a?b", FileErrors.Reason(new IOException("a\nb.", 9999)));
    }

    private static bool Run(string program, params string[] arguments)
    {
        using Process? process = Process.Start(
            new ProcessStartInfo(program, arguments) { RedirectStandardError = true }
        );
        process!.StandardError.ReadToEnd();
        process.WaitForExit();
        return process.ExitCode == 0;
    }
}
