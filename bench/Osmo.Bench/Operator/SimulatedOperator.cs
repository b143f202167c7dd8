using System.Collections.Immutable;
using Osmo.Bench.Server;
using Osmo.Protocol.Backend;

namespace Osmo.Bench.Operator;

/// <summary>A pod as its group's job describes it.</summary>
internal sealed record SimulatedPod(string WorkflowId, string WorkflowUuid, string TaskUuid, int RetryId);

/// <summary>
/// An operator without a cluster: it speaks the WebSocket protocol as a real one, with several workers, answers each job at once, and hands the pods
/// of a created group to its owner.
/// </summary>
internal sealed class SimulatedOperator : IAsyncDisposable
{
    private readonly Action<SimulatedPod> _created;
    private readonly Action<BackendJob.CreateGroup>? _groupCreated;
    private readonly CancellationTokenSource _end = new();
    private readonly List<(OperatorSocket Socket, Task Work)> _workers = [];

    private SimulatedOperator(AcknowledgedStream pods, Action<SimulatedPod> created, Action<BackendJob.CreateGroup>? groupCreated) =>
        (Pods, _created, _groupCreated) = (pods, created, groupCreated);

    public AcknowledgedStream Pods { get; }

    /// <param name="created">Called once a group's job is answered, for each of its pods; must not block.</param>
    /// <param name="groupCreated">The same for the group's job as a whole.</param>
    public static async Task<SimulatedOperator> Connect(Uri server, int workers, Action<SimulatedPod> created, Action<BackendJob.CreateGroup>? groupCreated = null)
    {
        await ReportNode(server);
        var simulated = new SimulatedOperator(await AcknowledgedStream.Open(server, "pod"), created, groupCreated);
        for (var n = 0; n < workers; n++)
        {
            var socket = await OperatorSocket.Connect(server, "worker");
            simulated._workers.Add((socket, simulated.Work(socket)));
        }
        return simulated;
    }

    /// <summary>A node on which everything fits; submissions are judged by it. Then the operator is gone again.</summary>
    public static async Task ReportNode(Uri server)
    {
        await using var nodes = await AcknowledgedStream.Open(server, "node");
        var capacity = new Dictionary<string, string>
        {
            ["cpu"] = "1000", ["memory"] = "4000000000Ki", ["ephemeral-storage"] = "100000000000000", ["nvidia.com/gpu"] = "0", ["pods"] = "10000",
        };
        await await nodes.Send(new BackendMessage.Resource(
            "bench-node", true, ["Ready"], ImmutableDictionary<string, string>.Empty, capacity.ToImmutableDictionary(),
            ImmutableDictionary<string, string>.Empty.Add("kubernetes.io/hostname", "bench-node"), []));
    }

    /// <summary>Returns when the report is sent, with the promise of its acknowledgement.</summary>
    public Task<Task> Report(SimulatedPod pod, PodStatus status) => Pods.Send(new BackendMessage.UpdatePod(
        pod.WorkflowUuid, pod.TaskUuid, pod.RetryId, "task", "bench-node", "10.0.0.1", "", status, status == PodStatus.Completed ? 0 : null,
        ServedConfiguration.Backend, []));

    public async ValueTask DisposeAsync()
    {
        await _end.CancelAsync();
        foreach (var (socket, work) in _workers)
        {
            await work.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            socket.Dispose();
        }
        await Pods.DisposeAsync();
        _end.Dispose();
    }

    private async Task Work(OperatorSocket socket)
    {
        while (await socket.Receive(_end.Token) is { } frame)
        {
            if (WorkerFrame.Decode(frame.Frame, frame.IsBinary) is not WorkerFrame.Job job) continue;
            var read = BackendJobReader.Read(job.Document);
            if (read is not ReadJob.Accepted { Job: var accepted }) throw new InvalidOperationException($"A job cannot be read: {read}");
            await socket.Send(new BackendMessage.JobStatus(JobOutcome.Success), OperatorSocket.NewUuid());
            if (accepted is BackendJob.CreateGroup group)
            {
                foreach (var pod in PodsOf(group)) _created(pod);
                _groupCreated?.Invoke(group);
            }
        }
    }

    private static IEnumerable<SimulatedPod> PodsOf(BackendJob.CreateGroup group) =>
        from resource in @group.Resources
        where (string?)resource["kind"] == "Pod"
        let labels = resource["metadata"]!["labels"]!
        select new SimulatedPod(
            (string)labels["osmo.workflow_id"]!, (string)labels["osmo.workflow_uuid"]!, (string)labels["osmo.task_uuid"]!, int.Parse((string)labels["osmo.retry_id"]!));
}
