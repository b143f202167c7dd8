using System.Collections.Concurrent;
using System.Threading.Channels;
using Osmo.Bench.Load;
using Osmo.Bench.Operator;
using Osmo.Bench.Server;
using Osmo.Protocol.Backend;

namespace Osmo.Bench.WholePath;

/// <summary>Workflows that run as fast as the control plane lets them: a pod runs as soon as it is created and is done at once.</summary>
internal sealed class PathRun : IAsyncDisposable
{
    /// <summary>Name of workflows whose pods are not reported as done.</summary>
    private const string Staying = "stay";

    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(60);

    private readonly ServerProcess _server;
    private readonly ConcurrentDictionary<int, ReadOnlyMemory<byte>> _bodies = new();
    private readonly ConcurrentDictionary<string, Progress> _progress = new();
    private SimulatedOperator _operator = null!;

    private PathRun(ServerProcess server) => _server = server;

    public static async Task<PathRun> Start(ServerProcess server, int workers)
    {
        var run = new PathRun(server);
        run._operator = await SimulatedOperator.Connect(server.Address, workers, pod => _ = run.Live(pod));
        return run;
    }

    /// <summary>From submit until the API says COMPLETED.</summary>
    public async Task Complete(int tasks)
    {
        var id = await Submit(tasks, "done");
        await Progress(id).Acknowledged(tasks).WaitAsync(Limit);
        if ((string?)(await _server.Workflow(id, "?skip_groups=true"))["status"] is var status and not "COMPLETED")
        {
            throw new InvalidOperationException($"All tasks of {id} were reported and acknowledged as done, but it is {status}.");
        }
        _progress.TryRemove(id, out var _);
    }

    /// <summary>From submit until the first task runs; it stays so.</summary>
    public async Task Run(int tasks) => await Progress(await Submit(tasks, Staying)).Acknowledged(1).WaitAsync(Limit);

    public ValueTask DisposeAsync() => _operator.DisposeAsync();

    private Task<string> Submit(int tasks, string name) => _server.Submit(_bodies.GetOrAdd(name == Staying ? -tasks : tasks, _ => Specifications.Chain(tasks, name)));

    private async Task Live(SimulatedPod pod)
    {
        var progress = Progress(pod.WorkflowId);
        try
        {
            var running = await _operator.Report(pod, PodStatus.Running);
            await (pod.WorkflowId.StartsWith(Staying, StringComparison.Ordinal) ? running : await _operator.Report(pod, PodStatus.Completed));
            progress.Acknowledge();
        }
        catch (Exception error)
        {
            progress.Fail(error);
        }
    }

    private Progress Progress(string workflowId) => _progress.GetOrAdd(workflowId, _ => new Progress());
}

/// <summary>The ends of a workflow's tasks, as they come.</summary>
internal sealed class Progress
{
    private readonly Channel<Exception?> _ends = Channel.CreateUnbounded<Exception?>();

    public void Acknowledge() => _ends.Writer.TryWrite(null);

    public void Fail(Exception error) => _ends.Writer.TryWrite(error);

    public async Task Acknowledged(int tasks)
    {
        for (var n = 0; n < tasks; n++)
        {
            if (await _ends.Reader.ReadAsync() is { } failure) throw new InvalidOperationException("The operator could not report a pod.", failure);
        }
    }
}
