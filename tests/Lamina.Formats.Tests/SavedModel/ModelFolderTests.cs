using System.Text;

namespace Lamina.Formats.Tests;

/// <summary>Folders with any content: at every moment of a save, the folder holds the old or the new model.</summary>
public class ModelFolderTests
{
    private static readonly Dictionary<string, string> s_old = Content("old", optimizer: true);
    private static readonly Dictionary<string, string> s_new = Content("new", optimizer: true);
    private static readonly Dictionary<string, string> s_newWithout = Content("new", optimizer: false);
    private static readonly Dictionary<string, string> s_third = Content("third", optimizer: true);

    public static TheoryData<bool, bool> OptimizerBeforeAndAfter =>
        new()
        {
            { true, true },
            { true, false },
            { false, true },
        };

    [Fact]
    public void Saves_and_loads()
    {
        using var temp = new TempFolder();
        string folder = Path.Combine(temp["runs"], "model");
        Save(folder, s_old);
        Assert.Equal(s_old, Load(folder));
        Save(folder, s_newWithout);
        Assert.Equal(s_newWithout, Load(folder));
        AssertTidy(folder, s_newWithout);
    }

    [Fact]
    public void Equal_contents_give_equal_bytes()
    {
        using var temp = new TempFolder();
        Save(temp["a"], s_old);
        Save(temp["b"], s_third);
        Save(temp["b"], s_old);
        foreach (string file in Directory.GetFiles(temp["a"]))
        {
            Assert.Equal(File.ReadAllBytes(file), File.ReadAllBytes(Path.Combine(temp["b"], Path.GetFileName(file))));
        }
    }

    [Fact]
    public void Other_files_of_the_folder_are_left_alone()
    {
        using var temp = new TempFolder();
        string[] others =
        [
            "history.csv",
            "weights.csv",
            "weights.0123.safetensors",
            ".hidden.tmp",
            "weights.safetensors.bak",
        ];
        foreach (string name in others)
        {
            File.WriteAllText(temp[name], name);
        }
        Save(temp.Root, s_old);
        Save(temp.Root, s_new);
        foreach (string name in others)
        {
            Assert.Equal(name, File.ReadAllText(temp[name]));
        }
    }

    [Theory]
    [MemberData(nameof(OptimizerBeforeAndAfter))]
    public void A_kill_at_any_step_leaves_the_old_or_the_new_model(bool before, bool after)
    {
        using var temp = new TempFolder();
        Dictionary<string, string> old = Content("old", before);
        Dictionary<string, string> @new = Content("new", after);
        Save(temp["model"], old);
        List<(string Step, string Copy)> killed = SaveWithCopies(temp, "model", @new);
        bool committed = false;
        foreach ((string step, string copy) in killed)
        {
            Dictionary<string, string> found = Load(copy);
            committed |= found["architecture.json"] == @new["architecture.json"];
            // Once new, never old again.
            Assert.Equal(committed ? @new : old, found);
            Assert.True(committed || step != killed[^1].Step, $"{step} was the last step and still the old model");

            // The next save meets what the kill left, is killed too, and so on.
            string next = Path.GetFileName(copy);
            foreach ((_, string copyOfCopy) in SaveWithCopies(temp, next, s_third))
            {
                Dictionary<string, string> again = Load(copyOfCopy);
                Assert.Equal(again["architecture.json"] == found["architecture.json"] ? found : s_third, again);
                Save(copyOfCopy, s_new);
                AssertTidy(copyOfCopy, s_new);
                Directory.Delete(copyOfCopy, recursive: true);
            }
            Assert.Equal(s_third, Load(copy));
            AssertTidy(copy, s_third);
        }
        Assert.True(committed);
        Assert.True(killed.Count > 15, $"{killed.Count} steps");
    }

    [Fact]
    public void A_kill_while_the_same_model_is_saved_again_leaves_it()
    {
        using var temp = new TempFolder();
        Save(temp["model"], s_old);
        foreach ((_, string copy) in SaveWithCopies(temp, "model", s_old))
        {
            Assert.Equal(s_old, Load(copy));
        }
        AssertTidy(temp["model"], s_old);
    }

    [Fact]
    public void A_kill_of_the_first_save_leaves_no_model_and_no_obstacle()
    {
        using var temp = new TempFolder();
        int without = 0;
        foreach ((string step, string copy) in SaveWithCopies(temp, "model", s_new))
        {
            if (File.Exists(Path.Combine(copy, "model.json")))
            {
                Assert.Equal(s_new, Load(copy));
            }
            else
            {
                without++;
                OneLine.Error(() => Load(copy), copy, "is not a saved model");
            }
            Save(copy, s_old);
            AssertTidy(copy, s_old);
        }
        Assert.True(without > 10);
    }

    [Fact]
    public void A_failure_at_any_step_leaves_one_whole_model_and_nothing_else()
    {
        using var temp = new TempFolder();
        int failed = 0;
        for (int failing = 0; ; failing++)
        {
            string folder = temp[$"m{failing}"];
            Save(folder, s_old);
            int count = 0;
            void Fail(string step)
            {
                if (count++ == failing)
                {
                    throw new IOException(
                        "No space left on device",
                        OperatingSystem.IsWindows() ? unchecked((int)0x80070070) : 28
                    );
                }
            }
            try
            {
                Save(folder, s_newWithout, Fail);
            }
            catch (LaminaException e)
            {
                OneLine.IsOneLine(e);
                Assert.Contains("no space left on device", e.Message, StringComparison.Ordinal);
                Assert.Equal(s_old, Load(folder));
                AssertTidy(folder, s_old);
                failed++;
                continue;
            }
            Assert.Equal(s_newWithout, Load(folder));
            Save(folder, s_third);
            AssertTidy(folder, s_third);
            if (count <= failing)
            {
                break;
            }
        }
        Assert.True(failed > 8, $"{failed} failures");
    }

    [Fact]
    public void A_cancelled_first_save_leaves_no_folder()
    {
        using var temp = new TempFolder();
        Assert.Throws<OperationCanceledException>(() =>
            Save(
                temp["m"],
                s_new,
                step =>
                {
                    if (step == "commit")
                    {
                        throw new OperationCanceledException();
                    }
                }
            )
        );
        Assert.Empty(temp.Names());
    }

    [Fact]
    public void A_reader_between_two_saves_finds_one_whole_model()
    {
        using var temp = new TempFolder();
        Save(temp["m"], s_old);
        int reads = 0;
        string found = ModelFolder.Load(
            temp["m"],
            source =>
            {
                string architecture = Encoding.UTF8.GetString(source.ReadJson(ModelPart.Architecture));
                if (reads++ == 0)
                {
                    Save(temp["m"], s_new);
                }
                return architecture + Encoding.UTF8.GetString(source.ReadJson(ModelPart.Weights));
            }
        );
        Assert.Equal(s_new["architecture.json"] + s_new["weights.safetensors"], found);
    }

    [Fact]
    public void Damage_is_told_by_file()
    {
        foreach (string name in s_old.Keys)
        {
            using var temp = new TempFolder();
            Save(temp.Root, s_old);
            byte[] bytes = File.ReadAllBytes(temp[name]);
            File.WriteAllBytes(temp[name], [.. bytes, 0]);
            OneLine.Error(() => Load(temp.Root), temp[name], $"has {bytes.Length + 1} bytes", $"{bytes.Length}");
            bytes[^1] ^= 1;
            File.WriteAllBytes(temp[name], bytes);
            OneLine.Error(() => Load(temp.Root), temp[name], "SHA-256");
            File.Delete(temp[name]);
            OneLine.Error(() => Load(temp.Root), temp[name], "no such file");
        }
    }

    private static Dictionary<string, string> Content(string mark, bool optimizer)
    {
        var content = new Dictionary<string, string>
        {
            [ModelPart.Architecture] = $"{{\"a\": \"{mark}\"}}",
            [ModelPart.Metadata] = $"{{\"m\": \"{mark}\"}}",
            [ModelPart.Weights] = $"weights {mark}",
        };
        if (optimizer)
        {
            content[ModelPart.Optimizer] = $"optimizer {mark}";
        }
        return content;
    }

    private static void Save(string folder, Dictionary<string, string> content, Action<string>? step = null) =>
        ModelFolder.Save(
            folder,
            [
                .. content.Select(c => new ModelPart(
                    c.Key,
                    stream =>
                    {
                        // In two, so that a step lies in the middle of each file.
                        byte[] bytes = Encoding.UTF8.GetBytes(c.Value);
                        stream.Write(bytes.AsSpan(0, 3));
                        stream.Write(bytes.AsSpan(3));
                    }
                )),
            ],
            step
        );

    private static Dictionary<string, string> Load(string folder) =>
        ModelFolder.Load(
            folder,
            source => source.Manifest.Files.Keys.ToDictionary(n => n, n => Encoding.UTF8.GetString(source.ReadJson(n)))
        );

    /// <summary>Saves, and before each step copies the folder as a kill there would leave it.</summary>
    private static List<(string Step, string Copy)> SaveWithCopies(
        TempFolder temp,
        string name,
        Dictionary<string, string> content
    )
    {
        var copies = new List<(string, string)>();
        Save(
            temp[name],
            content,
            step =>
            {
                string copy = Directory.CreateDirectory(temp[$"{name}.{copies.Count}"]).FullName;
                foreach (string file in Directory.GetFiles(temp[name]))
                {
                    // Not File.Copy: a file that is being written is locked, and a kill is not stopped by locks.
                    CopyLocked(file, Path.Combine(copy, Path.GetFileName(file)));
                }
                copies.Add((step, copy));
            }
        );
        return copies;
    }

    private static void CopyLocked(string from, string to)
    {
        try
        {
            File.Copy(from, to);
        }
        catch (IOException)
        {
            File.WriteAllText(to, "cut off");
        }
    }

    private static void AssertTidy(string folder, Dictionary<string, string> content) =>
        Assert.Equal(
            ((string[])[.. content.Keys, ModelPart.Manifest]).Order(),
            Directory.GetFileSystemEntries(folder).Select(f => Path.GetFileName(f)!).Order()
        );
}
