using Osmo.ClusterTests.Processes;

namespace Osmo.ClusterTests.Harness;

/// <summary>One run: a cluster of real processes under load, something that is done to it meanwhile, and at the end the question whether everything that was answered has come true.</summary>
internal sealed class HarnessRun(HarnessOptions options, Cluster cluster, TextWriter output)
{
    public HarnessOptions Options => options;

    public Cluster Cluster => cluster;

    public TextWriter Output => output;

    /// <returns>0 when everything holds.</returns>
    public static async Task<int> Start(HarnessOptions options, TextWriter output)
    {
        var logs = options.Logs is { } folder ? Directory.CreateDirectory(folder).FullName : Directory.CreateTempSubdirectory("osmo-harness-logs-").FullName;
        using var temporary = new RunFolder();
        var violations = await (options.Command switch
        {
            HarnessCommandKind.Rolling => RollingRestart.Run(options, logs, output),
            HarnessCommandKind.Overhead => Overhead.Run(options, logs, output),
            _ => FaultRun.Run(options, logs, output),
        });
        await output.WriteLineAsync($"{violations.Count} violations");
        foreach (var violation in violations)
        {
            await output.WriteLineAsync($"  {violation}");
        }

        if (violations.Count == 0)
        {
            Directory.Delete(logs, recursive: true);
            return 0;
        }

        await output.WriteLineAsync($"What the processes wrote is in {logs}");
        return 1;
    }

    /// <summary>Puts a new cluster under load while something is done to it, lets it come to rest, and judges.</summary>
    /// <param name="act">Gets the load; its answer are further violations.</param>
    public static async Task<IReadOnlyCollection<string>> UnderLoad(
        HarnessOptions options, string logs, TextWriter output, Func<HarnessRun, Load, Task<IReadOnlyCollection<string>>> act)
    {
        await output.WriteLineAsync(
            $"{options.Silos} silos, {options.Gateways} gateways, {options.Operators} operators, seed {options.Seed}, {options.Rate} + {options.RealRate} submits per second");
        await using var cluster = await Cluster.Start(new ClusterPlan(options.Silos, options.Gateways)
        {
            Operators = options.Operators,
            HasLocalBackend = options.RealRate > 0,
            Network = Isolation.IsInside ? await Network.Own() : Network.Shared,
            Objects = options.Objects,
            HasS3 = options.Command == HarnessCommandKind.Faults,
            LogFolder = logs,
        });
        await output.WriteLineAsync($"objects in {cluster.Objects}");
        using var user = cluster.User();
        using var load = new Load(options, user);
        using var stopping = new CancellationTokenSource();
        var run = new HarnessRun(options, cluster, output);

        var working = load.Run(stopping.Token);
        var found = await act(run, load);
        await stopping.CancelAsync();
        await Task.WhenAll(cluster.Members.Select(member => member.Ready()));
        await working;

        await output.WriteLineAsync($"{load.Answered.Count} submits answered, {load.Failed.Count} not; {user.Retries} reads tried again");
        foreach (var reason in load.Failed.GroupBy(reason => reason))
        {
            await output.WriteLineAsync($"  not answered {reason.Count()} times: {reason.Key}");
        }

        return [.. found, .. await Verdict.Of(cluster, load, user)];
    }

    /// <summary>Every pool completes a workflow of one task.</summary>
    public async Task Probe(User user)
    {
        var pools = options.Operators > 0 ? Enumerable.Range(1, options.Operators).Select(Cluster.QuickPool) : ["default"];
        await Task.WhenAll(pools.Select(async pool => await user.Reaches(await user.SubmitPatiently(Specs.Chain("probe", 1), pool), "COMPLETED")));
    }

    public void Tell(string what, IEnumerable<TimeSpan> times)
    {
        var seconds = times.Select(time => time.TotalSeconds).Order().ToList();
        output.WriteLine(seconds.Count == 0
            ? $"{what}: none"
            : $"{what}: {seconds.Count} times, min {seconds[0]:0.0}, median {At(0.5):0.0}, p90 {At(0.9):0.0}, p99 {At(0.99):0.0}, max {seconds[^1]:0.0} s");

        double At(double share) => seconds[Math.Min((int)(seconds.Count * share), seconds.Count - 1)];
    }
}
