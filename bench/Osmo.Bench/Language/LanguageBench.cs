using System.CommandLine;
using System.Diagnostics;
using System.Globalization;
using System.Text;
using Osmo.Bench.Load;
using Osmo.Workflows.Specification;
using Osmo.Workflows.Specification.Admission;
using Osmo.Workflows.Templates;
using Osmo.Workflows.Yaml;

namespace Osmo.Bench.Language;

/// <summary>
/// <c>language</c>: a specification from its text to the verdict of its pool (templates, YAML, schema, structure, admission), beside the
/// least that reading a text can cost: hashing its bytes.
/// </summary>
internal static class LanguageBench
{
    private const string Uuid = "0123456789abcdef0123456789abcdef";

    /// <summary>Each uses a variable in every task, so that nothing of it can skip the template stage.</summary>
    private const string Variables = "default-values:\n  mode: train\n  step: 5\n";

    private static readonly TimeSpan WarmUp = TimeSpan.FromSeconds(2);

    private static readonly TemplateEngine Templates = new();

    private static readonly SpecReader Reader = new(Templates);

    private static readonly AdmissionCheck Admission = new(Templates);

    public static Command Command()
    {
        var tasks = new Option<int[]>("--tasks") { Description = "Numbers of tasks.", DefaultValueFactory = _ => [3, 50, 100, 200, 400], CustomParser = Numbers.Parse };
        var seconds = new Option<double>("--seconds") { Description = "How long each figure is taken.", DefaultValueFactory = _ => 3 };
        var command = new Command("language", "A specification from text to verdict.") { tasks, seconds };
        command.SetAction(result => Run(result.GetValue(tasks)!, TimeSpan.FromSeconds(result.GetValue(seconds))));
        return command;
    }

    private static void Run(int[] tasks, TimeSpan duration)
    {
        Console.WriteLine($"{"",-28} {"tasks",6} {"KiB",8} {"µs",10} {"µs of CPU",10} {"µs/task",9} {"KiB allocated",14}");
        Repeat(WarmUp, () => Judge(Text(tasks[0])));
        foreach (var count in tasks)
        {
            var text = Text(count);
            var bytes = Encoding.UTF8.GetBytes(text);
            Measure("raw: hash of the text", count, bytes.Length, duration / 4, () => System.Security.Cryptography.SHA256.HashData(bytes));
            Measure("YAML alone", count, bytes.Length, duration / 4, () => YamlReader.Read(text));
            Measure("templates, YAML, labels", count, bytes.Length, duration / 4, () => Reader.Render(Source(text)));
            Measure("text to verdict", count, bytes.Length, duration, () => Judge(text));
        }
    }

    private static string Text(int tasks) =>
        Variables + Specifications.ChainText(tasks, "measured").Replace("MODE: train", "MODE: '{{ mode }}-{{ step }}'", StringComparison.Ordinal);

    private static void Judge(string text)
    {
        var outcome = Reader.Read(Source(text), JudgingPool.Pool, JudgingPool.Config);
        if (outcome is not SpecOutcome.Accepted accepted || Admission.Reject(accepted.Spec, JudgingPool.Facts) is not null)
        {
            throw new InvalidOperationException($"The specification is measured only when it passes: {outcome}");
        }
    }

    private static SpecSource Source(string text) => new() { Text = text, WorkflowUuid = Uuid };

    private static void Measure(string what, int tasks, int bytes, TimeSpan duration, Action action)
    {
        Repeat(duration / 4, action);
        var allocated = GC.GetAllocatedBytesForCurrentThread();
        var processor = Environment.CpuUsage.TotalTime;
        var (calls, time) = Repeat(duration, action);
        processor = Environment.CpuUsage.TotalTime - processor;
        allocated = GC.GetAllocatedBytesForCurrentThread() - allocated;
        var each = time.TotalMicroseconds / calls;
        Console.WriteLine(string.Create(
            CultureInfo.InvariantCulture, $"{what,-28} {tasks,6} {bytes / 1024.0,8:N1} {each,10:N1} {processor.TotalMicroseconds / calls,10:N1} {each / tasks,9:N2} {allocated / 1024.0 / calls,14:N1}"));
    }

    private static (int Calls, TimeSpan Time) Repeat(TimeSpan duration, Action action)
    {
        var calls = 0;
        var watch = Stopwatch.StartNew();
        for (; watch.Elapsed < duration; calls++) action();
        return (calls, watch.Elapsed);
    }
}
