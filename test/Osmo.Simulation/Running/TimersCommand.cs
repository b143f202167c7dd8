using System.CommandLine;
using System.Diagnostics;
using Osmo.Simulation.Timers;

namespace Osmo.Simulation.Running;

/// <summary><c>timers</c>: many deadlines at once, and a restart in the middle of them.</summary>
internal static class TimersCommand
{
    private static readonly Option<int> Deadlines = new("--deadlines") { Description = "How many.", DefaultValueFactory = _ => 100_000 };

    public static Command Create()
    {
        var command = new Command("timers", "Lets many deadlines pass, with a restart in the middle, and says what they cost and how late they were.") { Deadlines };
        command.SetAction(parsed =>
        {
            var watch = Stopwatch.StartNew();
            var result = new TimerRun(parsed.GetValue(Deadlines)).Run();
            Console.WriteLine(
                $"{result.Armed} deadlines armed at {result.ArmedBytes / 1e6:F1} MB; {result.Fired} fired, {result.Early} early, the latest {result.Latest.TotalMilliseconds:F0} ms late; "
                + $"{watch.Elapsed.TotalSeconds:F0} s");
            return result.Fired == result.Armed && result.Early == 0 && result.Latest <= TimeSpan.FromSeconds(1) ? 0 : 1;
        });
        return command;
    }
}
