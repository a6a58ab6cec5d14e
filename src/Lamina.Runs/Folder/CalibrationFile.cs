using System.Text.Json;
using System.Text.Json.Nodes;
using Lamina.Runs.Text;

namespace Lamina.Runs.Folder;

/// <summary>The temperature of a calibrated run, in <c>calibration.json</c>.</summary>
internal static class CalibrationFile
{
    private const string Temperature = "temperature";
    private static readonly JsonSerializerOptions s_indented = new() { WriteIndented = true };

    /// <summary>Writes a temperature.</summary>
    /// <param name="path">The file.</param>
    /// <param name="report">The calibration.</param>
    public static void Write(string path, CalibrationReport report)
    {
        var json = new JsonObject
        {
            [Temperature] = report.Temperature,
            ["fitted_on"] = report.FittedOn,
            ["measured_on"] = report.Before.Count,
            ["expected_error_before"] = report.Before.ExpectedError,
            ["expected_error_after"] = report.After.ExpectedError,
        };
        AtomicFile.WriteAllText(path, json.ToJsonString(s_indented) + "\n");
    }

    /// <summary>Reads the temperature.</summary>
    /// <param name="path">The file.</param>
    /// <exception cref="LaminaException">The file does not exist or is damaged.</exception>
    public static double Read(string path)
    {
        if (!File.Exists(path))
        {
            throw new LaminaException($"{path}: does not exist. Calibrate the run first.");
        }
        try
        {
            double temperature = JsonNode.Parse(File.ReadAllText(path))!.AsObject().OptionalReal(Temperature) ?? 0;
            return temperature > 0 && double.IsFinite(temperature)
                ? temperature
                : throw new LaminaException(
                    $"{path}: the temperature is missing or not above 0. Calibrate the run again."
                );
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException or ConfigException)
        {
            throw new LaminaException(
                $"{path}: is damaged ({OneLine.Of(e.Message).TrimEnd('.')}). Calibrate the run again.",
                e
            );
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new LaminaException($"{path}: cannot be read ({OneLine.Of(e.Message)})", e);
        }
    }
}
