namespace Lamina.Formats.Tests.TensorBoard;

public class EventFileWriterTests
{
    // The catalogue's check value of CRC-32C, and RFC 3720's of 32 zeros.
    [Fact]
    public void Crc_has_its_check_values()
    {
        Assert.Equal(0xE3069283u, TfRecord.Crc("123456789"u8));
        Assert.Equal(0xE3069283u, RawEvents.Crc("123456789"u8));
        Assert.Equal(0x8A9136AAu, TfRecord.Crc(new byte[32]));
        Assert.Equal(0u, TfRecord.Crc([]));
    }

    [Fact]
    public void Events_are_what_the_format_says()
    {
        using var folder = new TempFolder();
        string path;
        using (var writer = new EventFileWriter(folder["run"], new Clock()))
        {
            path = writer.Path;
            writer.Scalar("epoch_loss", 3, 0.1);
            writer.Histogram("kernel/histogram", 300, [0, 1, 2, 4, float.NaN], buckets: 4);
            writer.Image("kernel/image", 0, "not a png"u8, height: 5, width: 7, channels: 3);
        }
        Assert.Matches(@"^events\.out\.tfevents\.1700000000\.[\w.-]+\.\d+\.\d+$", Path.GetFileName(path));

        List<byte[]> events = RawEvents.Records(path);
        Assert.Equal(4, events.Count);
        Assert.All(events, e => Assert.Equal(1_700_000_000.25, RawEvents.Field(e, 1)));
        Assert.Equal("brain.Event:2", RawEvents.Text(RawEvents.Field(events[0], 3)));

        Assert.Equal(3ul, RawEvents.Field(events[1], 2));
        byte[] scalar = Value(events[1]);
        Assert.Equal("epoch_loss", RawEvents.Text(RawEvents.Field(scalar, 1)));
        Assert.Equal(0.1f, RawEvents.Field(scalar, 2));

        Assert.Equal(300ul, RawEvents.Field(events[2], 2));
        var histogram = (byte[])RawEvents.Field(Value(events[2]), 5)!;
        // min 0 (left out, as proto3 does), max 4, four finite values of sum 7 and sum of squares 21.
        Assert.Equal([null, 4.0, 4.0, 7.0, 21.0], Enumerable.Range(1, 5).Select(f => RawEvents.Field(histogram, f)));
        Assert.Equal([1, 2, 3, 4], RawEvents.Doubles(RawEvents.Field(histogram, 6)));
        Assert.Equal([1, 1, 1, 1], RawEvents.Doubles(RawEvents.Field(histogram, 7)));

        var image = (byte[])RawEvents.Field(Value(events[3]), 4)!;
        Assert.Equal([5ul, 7ul, 3ul], Enumerable.Range(1, 3).Select(f => RawEvents.Field(image, f)));
        Assert.Equal("not a png", RawEvents.Text(RawEvents.Field(image, 4)));
    }

    // The committed file was read by read_events.py with tools that are not ours; events.txt is what it printed.
    [Fact]
    public void The_file_is_byte_for_byte_the_one_that_the_independent_reader_read()
    {
        using var folder = new TempFolder();
        string path;
        using (var writer = new EventFileWriter(folder["run"], new Clock()))
        {
            path = writer.Path;
            writer.Scalar("epoch_loss", 0, 0.75);
            writer.Scalar("epoch_learning_rate", 1, 0.01);
            writer.Histogram("conv2d/kernel/histogram", 300, [-1, -0.5f, 0, 0.25f, 0.25f, 1], buckets: 4);
            writer.Image("conv2d/kernel/image", 2, [0x89, 0x50, 0x4E, 0x47], height: 1, width: 2, channels: 3);
        }
        byte[] written = File.ReadAllBytes(path);
        string golden = Path.Combine(AppContext.BaseDirectory, "Goldens", "tensorboard");
        if (Environment.GetEnvironmentVariable("LAMINA_GOLDENS") is { Length: > 0 } source)
        {
            File.WriteAllBytes(Path.Combine(source, "events.bin"), written);
            Assert.Fail("events.bin was written; run read_events.py, review, and run again without LAMINA_GOLDENS.");
        }
        Assert.Equal(File.ReadAllBytes(Path.Combine(golden, "events.bin")), written);
        string text = File.ReadAllText(Path.Combine(golden, "events.txt"));
        Assert.Equal(5, text.Split("checksums right").Length - 1);
        foreach (
            string line in (string[])
                [
                    "file_version: \"brain.Event:2\"",
                    "tag: \"epoch_loss\"\n    simple_value: 0.75",
                    "tag: \"epoch_learning_rate\"\n    simple_value: 0.01",
                    "step: 300",
                    "num: 6\n      sum_squares: 2.375\n      bucket_limit: -0.5\n      bucket_limit: 0",
                    "colorspace: 3",
                ]
        )
        {
            Assert.Contains(line, text, StringComparison.Ordinal);
        }
    }

    [Fact]
    public void Equal_values_fill_one_bucket_and_none_writes_nothing()
    {
        using var folder = new TempFolder();
        using var writer = new EventFileWriter(folder["run"]);
        writer.Histogram("h", 0, [2, 2, 2]);
        writer.Histogram("h", 1, [float.NaN, float.PositiveInfinity]);
        writer.Histogram("h", 2, [float.MinValue, float.MaxValue]);
        writer.Flush();
        List<byte[]> events = RawEvents.Records(writer.Path);
        Assert.Equal(3, events.Count);
        var one = (byte[])RawEvents.Field(Value(events[1]), 5)!;
        Assert.Equal([2], RawEvents.Doubles(RawEvents.Field(one, 6)));
        Assert.Equal([3], RawEvents.Doubles(RawEvents.Field(one, 7)));
        var wide = (byte[])RawEvents.Field(Value(events[2]), 5)!;
        Assert.Equal(2, RawEvents.Doubles(RawEvents.Field(wide, 7)).Sum());
    }

    [Fact]
    public void Two_writers_of_one_second_are_two_files_and_no_folder_is_one_line()
    {
        using var folder = new TempFolder();
        using var first = new EventFileWriter(folder["run"], new Clock());
        using var second = new EventFileWriter(folder["run"], new Clock());
        Assert.NotEqual(first.Path, second.Path);

        File.WriteAllText(folder["file"], "");
        string message = Assert.Throws<LaminaException>(() => new EventFileWriter(folder["file"])).Message;
        Assert.Contains("cannot be written", message, StringComparison.Ordinal);
        Assert.DoesNotContain('\n', message);
    }

    private static byte[] Value(byte[] message) => (byte[])RawEvents.Field((byte[])RawEvents.Field(message, 5)!, 1)!;

    private sealed class Clock : TimeProvider
    {
        public override DateTimeOffset GetUtcNow() => DateTimeOffset.FromUnixTimeMilliseconds(1_700_000_000_250);
    }
}
