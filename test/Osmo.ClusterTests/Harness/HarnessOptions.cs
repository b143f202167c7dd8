using System.Collections.Immutable;
using System.Globalization;

namespace Osmo.ClusterTests.Harness;

/// <summary>What the harness does to the cluster.</summary>
internal enum HarnessCommandKind
{
    /// <summary>Kills, hangs, drains and cuts off processes by a seeded script.</summary>
    Faults = 1,

    /// <summary>Restarts every process in good order, one after the other.</summary>
    Rolling,

    /// <summary>Nothing: measures what the same load costs with one silo and with several.</summary>
    Overhead,
}

/// <summary>How long, how big, how hard.</summary>
internal sealed record HarnessOptions
{
    private const string Usage =
        "Usage: Osmo.ClusterTests [faults|rolling|overhead] [--minutes N] [--silos N] [--gateways N] [--operators N] [--seed N] [--period SECONDS] [--rate PER_SECOND] [--real-rate PER_SECOND]"
        + " [--kinds kill,drain,hang,partition] [--open N] [--rounds N] [--within SECONDS] [--objects ADDRESS] [--logs FOLDER]";

    public HarnessCommandKind Command { get; init; } = HarnessCommandKind.Faults;

    public TimeSpan Duration { get; init; } = TimeSpan.FromMinutes(5);

    public int Silos { get; init; } = 3;

    public int Gateways { get; init; } = 2;

    /// <summary>Operators of clusters whose pods end at once, each with a pool of its own; 0: only this machine runs tasks.</summary>
    public int Operators { get; init; } = 2;

    /// <summary>The same seed gives the same faults in the same order, and the same workflows.</summary>
    public int Seed { get; init; } = 1;

    /// <summary>Time between faults, on average.</summary>
    public TimeSpan Period { get; init; } = TimeSpan.FromSeconds(20);

    /// <summary>What happens, as often the one as the other.</summary>
    public ImmutableArray<FaultKind> Kinds { get; init; } = [.. Enum.GetValues<FaultKind>()];

    /// <summary>Submits per second to the operators' pools.</summary>
    public double Rate { get; init; } = 5;

    /// <summary>Submits per second to this machine, whose tasks are processes that write logs.</summary>
    public double RealRate { get; init; } = 0.1;

    /// <summary>Workflows under way at most; submits wait for it.</summary>
    public int OpenMax { get; init; } = 300;

    /// <summary>How often everything is restarted.</summary>
    public int Rounds { get; init; } = 1;

    /// <summary>After each fault a workflow of one task must be complete within this; 5 s longer after the end of a partition.</summary>
    public TimeSpan Within { get; init; } = TimeSpan.FromSeconds(15);

    /// <summary>As <c>Osmo:Storage:Objects</c> has it; keys come from the environment. Null: for faults an S3 server of this machine's, where there is one; otherwise a folder.</summary>
    public string? Objects { get; init; }

    /// <summary>Where the processes' logs are kept if anything is wrong; null: in a folder of the machine's for temporary files.</summary>
    public string? Logs { get; init; }

    /// <exception cref="FormatException">Says what is wrong and what is allowed.</exception>
    public static HarnessOptions Parse(string[] args)
    {
        var options = new HarnessOptions();
        var at = 0;
        if (args is [var command, ..] && !command.StartsWith('-'))
        {
            options = options with
            {
                Command = Enum.TryParse<HarnessCommandKind>(command, ignoreCase: true, out var kind) && Enum.IsDefined(kind) && !char.IsAsciiDigit(command[0])
                    ? kind
                    : throw new FormatException($"{command} is no command. {Usage}"),
            };
            at = 1;
        }

        for (; at < args.Length; at += 2)
        {
            var value = at + 1 < args.Length ? args[at + 1] : throw new FormatException($"{args[at]} needs a value. {Usage}");
            options = options.With(args[at], value);
        }

        return options.Operators > 0 || options.RealRate > 0 ? options : throw new FormatException($"Without operators, --real-rate must be more than 0. {Usage}");
    }

    private HarnessOptions With(string name, string value) => name switch
    {
        "--minutes" => this with { Duration = TimeSpan.FromMinutes(Number(name, value, 0.1, 1440)) },
        "--silos" => this with { Silos = (int)Number(name, value, 1, 9) },
        "--gateways" => this with { Gateways = (int)Number(name, value, 1, 9) },
        "--operators" => this with { Operators = (int)Number(name, value, 0, 9) },
        "--seed" => this with { Seed = (int)Number(name, value, 0, int.MaxValue) },
        "--period" => this with { Period = TimeSpan.FromSeconds(Number(name, value, 1, 3600)) },
        "--kinds" => this with { Kinds = [.. value.Split(',').Select(Kind).Distinct()] },
        "--rate" => this with { Rate = Number(name, value, 0.01, 1000) },
        "--real-rate" => this with { RealRate = Number(name, value, 0, 100) },
        "--open" => this with { OpenMax = (int)Number(name, value, 1, 10_000) },
        "--rounds" => this with { Rounds = (int)Number(name, value, 1, 1000) },
        "--within" => this with { Within = TimeSpan.FromSeconds(Number(name, value, 1, 3600)) },
        "--objects" => this with { Objects = value },
        "--logs" => this with { Logs = value },
        var unknown => throw new FormatException($"{unknown} is unknown. {Usage}"),
    };

    private static FaultKind Kind(string text) => Array.Find(Enum.GetValues<FaultKind>(), kind => string.Equals(kind.ToString(), text, StringComparison.OrdinalIgnoreCase)) is var kind and not 0
        ? kind
        : throw new FormatException($"--kinds has '{text}'. {Usage}");

    private static double Number(string name, string text, double least, double most) =>
        double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var number) && number >= least && number <= most
            ? number
            : throw new FormatException($"{name} is '{text}'; allowed are numbers from {least} to {most}. {Usage}");
}
