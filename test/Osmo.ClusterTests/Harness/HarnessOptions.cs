using System.Globalization;

namespace Osmo.ClusterTests.Harness;

/// <summary>How long, how big, how hard.</summary>
internal sealed record HarnessOptions
{
    private const string Usage = "Usage: Osmo.ClusterTests [--minutes N] [--silos N] [--gateways N] [--seed N] [--period SECONDS] [--rate PER_SECOND] [--open N]";

    public TimeSpan Duration { get; init; } = TimeSpan.FromMinutes(5);

    public int Silos { get; init; } = 3;

    public int Gateways { get; init; } = 2;

    /// <summary>The same seed gives the same faults in the same order, and the same workflows.</summary>
    public int Seed { get; init; } = 1;

    /// <summary>Time between faults, on average.</summary>
    public TimeSpan Period { get; init; } = TimeSpan.FromSeconds(20);

    /// <summary>Submits per second.</summary>
    public double Rate { get; init; } = 0.5;

    /// <summary>Workflows under way at most; submits wait for it.</summary>
    public int OpenMax { get; init; } = 20;

    /// <exception cref="FormatException">Says what is wrong and what is allowed.</exception>
    public static HarnessOptions Parse(string[] args)
    {
        var options = new HarnessOptions();
        for (var at = 0; at < args.Length; at += 2)
        {
            var value = at + 1 < args.Length ? args[at + 1] : throw new FormatException($"{args[at]} needs a value. {Usage}");
            options = args[at] switch
            {
                "--minutes" => options with { Duration = TimeSpan.FromMinutes(Number(args[at], value, 0.1, 1440)) },
                "--silos" => options with { Silos = (int)Number(args[at], value, 2, 9) },
                "--gateways" => options with { Gateways = (int)Number(args[at], value, 2, 9) },
                "--seed" => options with { Seed = (int)Number(args[at], value, 0, int.MaxValue) },
                "--period" => options with { Period = TimeSpan.FromSeconds(Number(args[at], value, 1, 3600)) },
                "--rate" => options with { Rate = Number(args[at], value, 0.01, 100) },
                "--open" => options with { OpenMax = (int)Number(args[at], value, 1, 1000) },
                var unknown => throw new FormatException($"{unknown} is unknown. {Usage}"),
            };
        }

        return options;
    }

    private static double Number(string name, string text, double least, double most) =>
        double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var number) && number >= least && number <= most
            ? number
            : throw new FormatException($"{name} is '{text}'; allowed are numbers from {least} to {most}. {Usage}");
}
