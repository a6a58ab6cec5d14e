using System.Globalization;
using System.Text;
using Google.Protobuf;
using Lamina.TensorBoardMessages;

namespace Lamina;

/// <summary>
/// Writes an event file for TensorBoard: scalars, histograms and images by tag and step. Records are appended; the
/// records before the last <see cref="Flush"/> are readable while the file grows. Not thread-safe.
/// </summary>
public sealed class EventFileWriter : IDisposable
{
    private const string Version = "brain.Event:2";
    private static int s_files;
    private readonly TimeProvider _time;
    private readonly FileStream _file;
    private readonly BufferedStream _stream;

    /// <summary>Creates a file <c>events.out.tfevents.SECONDS.HOST.PROCESS.NUMBER</c>.</summary>
    /// <param name="folder">The folder, created if necessary. TensorBoard shows each folder as a run.</param>
    /// <param name="time">The clock of the events; <see langword="null"/> for the system's.</param>
    /// <exception cref="LaminaException">The file cannot be created.</exception>
    public EventFileWriter(string folder, TimeProvider? time = null)
    {
        ArgumentException.ThrowIfNullOrEmpty(folder);
        _time = time ?? TimeProvider.System;
        Path = System.IO.Path.Combine(folder, FileName(_time.GetUtcNow()));
        try
        {
            Directory.CreateDirectory(folder);
            _file = new FileStream(Path, FileMode.CreateNew, FileAccess.Write, FileShare.Read, bufferSize: 0);
        }
        catch (Exception e) when (FileErrors.IsFileError(e))
        {
            throw FileErrors.CannotWrite(Path, e);
        }
        _stream = new BufferedStream(_file, 1 << 16);
        Write(new Event { FileVersion = Version });
    }

    /// <summary>The path of the file.</summary>
    public string Path { get; }

    /// <summary>Adds a point of a curve.</summary>
    /// <param name="tag">The name of the curve: <c>epoch_loss</c>. Slashes form groups.</param>
    /// <param name="step">The step, at least 0.</param>
    /// <param name="value">The value, stored as float32.</param>
    /// <exception cref="LaminaException">The file cannot be written.</exception>
    public void Scalar(string tag, long step, double value) =>
        Write(tag, step, new Summary.Types.Value { SimpleValue = (float)value });

    /// <summary>
    /// Adds a histogram with buckets of equal width, like TensorFlow 2; values that are not finite are ignored.
    /// </summary>
    /// <param name="tag">The histogram's name.</param>
    /// <param name="step">The step, at least 0.</param>
    /// <param name="values">The values; if none is finite, nothing is written.</param>
    /// <param name="buckets">The number of buckets, at least 1.</param>
    /// <exception cref="LaminaException">The file cannot be written.</exception>
    public void Histogram(string tag, long step, ReadOnlySpan<float> values, int buckets = 30)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(buckets, 1);
        if (Histograms.Of(values, buckets) is { } histogram)
        {
            Write(tag, step, new Summary.Types.Value { Histo = histogram });
        }
    }

    /// <summary>Adds a picture.</summary>
    /// <param name="tag">The picture's name.</param>
    /// <param name="step">The step, at least 0.</param>
    /// <param name="encoded">The bytes of a PNG, JPEG or GIF file.</param>
    /// <param name="height">The height in pixels.</param>
    /// <param name="width">The width in pixels.</param>
    /// <param name="channels">The number of channels, from 1 (gray) to 4 (RGB with alpha).</param>
    /// <exception cref="LaminaException">The file cannot be written.</exception>
    public void Image(string tag, long step, ReadOnlySpan<byte> encoded, int height, int width, int channels) =>
        Write(
            tag,
            step,
            new Summary.Types.Value
            {
                Image = new Summary.Types.Image
                {
                    Height = height,
                    Width = width,
                    Colorspace = channels,
                    EncodedImageString = ByteString.CopyFrom(encoded),
                },
            }
        );

    /// <summary>Writes buffered records.</summary>
    /// <exception cref="LaminaException">The file cannot be written.</exception>
    public void Flush() => Guard(_stream.Flush);

    /// <inheritdoc/>
    public void Dispose()
    {
        try
        {
            Flush();
        }
        finally
        {
            _file.Dispose();
        }
    }

    private void Write(string tag, long step, Summary.Types.Value value)
    {
        ArgumentException.ThrowIfNullOrEmpty(tag);
        value.Tag = tag;
        Write(
            new Event
            {
                Step = step,
                Summary = new Summary { Value = { value } },
            }
        );
    }

    private void Write(Event what)
    {
        what.WallTime = (_time.GetUtcNow() - DateTimeOffset.UnixEpoch).TotalSeconds;
        Guard(() => TfRecord.Write(_stream, what.ToByteArray()));
    }

    private void Guard(Action action)
    {
        try
        {
            action();
        }
        catch (Exception e) when (FileErrors.IsFileError(e))
        {
            // The buffer must not be written again when the file is closed.
            _file.Dispose();
            throw FileErrors.CannotWrite(Path, e);
        }
    }

    // The number is unique in the process, so that two writers within a second use two files.
    private static string FileName(DateTimeOffset now)
    {
        var host = new StringBuilder();
        foreach (char c in Environment.MachineName)
        {
            host.Append(char.IsAsciiLetterOrDigit(c) || c is '-' or '.' or '_' ? c : '_');
        }
        return string.Create(
            CultureInfo.InvariantCulture,
            $"events.out.tfevents.{now.ToUnixTimeSeconds():D10}.{host}.{Environment.ProcessId}.{Interlocked.Increment(ref s_files) - 1}"
        );
    }
}
