using System.Diagnostics;
using Osmo.Bench.Load;
using Osmo.Bench.Operator;
using Osmo.Bench.Server;
using Osmo.Protocol.Backend;

namespace Osmo.Bench.Events;

/// <summary>Reports of pods at a fixed rate; every so manieth is watched through the API as well.</summary>
internal sealed class EventRun(ServerProcess server, SimulatedOperator simulated, SimulatedPod[] pods)
{
    private static readonly PodStatus[] Statuses = [PodStatus.Initializing, PodStatus.Running];

    /// <summary>Reports that are watched, per second; each costs the server a few requests.</summary>
    private const int WatchedPerSecond = 25;

    private static readonly TimeSpan Tick = TimeSpan.FromMilliseconds(1);

    private static readonly TimeSpan EndLimit = TimeSpan.FromSeconds(60);

    private readonly List<Task> _open = [];

    public static int ReportsPerPod => Statuses.Length;

    public Latencies Acknowledged { get; } = new();

    /// <summary>Until a GET answers with it, that GET included; GETs follow one another without a pause.</summary>
    public Latencies Visible { get; } = new();

    /// <summary>Reports sent per second, which is less than asked for when the server does not keep up.</summary>
    public double PerSecond { get; private set; }

    /// <summary>Of the server for each report, the watching included.</summary>
    public double CpuMilliseconds { get; private set; }

    public async Task Drive(int rate)
    {
        var reports = Statuses.SelectMany(status => pods.Select(pod => (pod, status))).ToArray();
        var watchedEvery = Math.Max(1, rate / WatchedPerSecond);
        var cpu = server.Cpu;
        var watch = Stopwatch.StartNew();
        using var timer = new PeriodicTimer(Tick);
        for (var sent = 0; sent < reports.Length;)
        {
            for (var due = Math.Min(reports.Length, (int)(watch.Elapsed.TotalSeconds * rate)); sent < due; sent++)
            {
                var (pod, status) = reports[sent];
                var dueAt = TimeSpan.FromSeconds((double)sent / rate);
                _open.Add(Await(await simulated.Report(pod, status), watch, dueAt));
                if (sent % watchedEvery == 0) _open.Add(See(pod, status, watch, dueAt));
            }
            await timer.WaitForNextTickAsync();
        }
        PerSecond = reports.Length / watch.Elapsed.TotalSeconds;
        await Task.WhenAll(_open).WaitAsync(EndLimit);
        CpuMilliseconds = (server.Cpu - cpu).TotalMilliseconds / reports.Length;
    }

    private async Task Await(Task acknowledged, Stopwatch watch, TimeSpan dueAt)
    {
        await acknowledged;
        Acknowledged.Add(watch.Elapsed - dueAt);
    }

    private async Task See(SimulatedPod pod, PodStatus status, Stopwatch watch, TimeSpan dueAt)
    {
        var wanted = status == PodStatus.Running ? "RUNNING" : "INITIALIZING";
        while (watch.Elapsed - dueAt < EndLimit)
        {
            var workflow = await server.Workflow(pod.WorkflowId);
            var seen = workflow["groups"]!.AsArray().SelectMany(group => group!["tasks"]!.AsArray()).Single(task => (string?)task!["task_uuid"] == pod.TaskUuid);
            if ((string?)seen!["status"] == wanted)
            {
                Visible.Add(watch.Elapsed - dueAt);
                return;
            }
        }
        throw new TimeoutException($"Task {pod.TaskUuid} of {pod.WorkflowId} was not seen {wanted} within {EndLimit.TotalSeconds} s.");
    }
}
