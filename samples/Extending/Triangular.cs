using System.Text.Json.Nodes;
using Lamina;

namespace Extending;

/// <summary>A cyclical learning rate (Smith 2017): linear from low to high and back.</summary>
internal sealed record Triangular(double Low, double High, long HalfCycle) : LearningRateSchedule("triangular")
{
    public override double At(long update)
    {
        double place = (double)(update % (2 * HalfCycle)) / HalfCycle;
        return Low + ((High - Low) * (1 - Math.Abs(place - 1)));
    }

    public override JsonObject GetConfig()
    {
        JsonObject config = base.GetConfig();
        config["low"] = Low;
        config["high"] = High;
        config["half_cycle"] = HalfCycle;
        return config;
    }

    /// <summary>Creates the schedule from its config: <c>LearningRateSchedule.Register("triangular", Triangular.Read)</c>.</summary>
    public static Triangular Read(JsonObject config) =>
        new(
            config["low"]!.GetValue<double>(),
            config["high"]!.GetValue<double>(),
            config["half_cycle"]!.GetValue<long>()
        );
}
