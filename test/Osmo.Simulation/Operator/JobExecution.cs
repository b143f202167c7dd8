using System.Text;
using System.Text.Json.Nodes;
using Osmo.Embedded.Simulation;
using Osmo.Grains.Interfaces;
using Osmo.Simulation.Cluster;
using Osmo.Simulation.Faults;
using Osmo.Simulation.Record;
using Osmo.Simulation.World;

namespace Osmo.Simulation.Operator;

internal enum JobOutcome
{
    Done = 1,

    /// <summary>To be handed out again.</summary>
    Again,

    /// <summary>Must not be tried again.</summary>
    Failed,
}

/// <summary>Executes jobs in the cluster as an operator does (contract: backend-protocol §10): one object after the other, with time between.</summary>
internal sealed class JobExecution(SimulatedProcess process, SimulatedCluster cluster, FaultRates rates)
{
    private static readonly TimeSpan SlowRequest = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan OldPodLooks = TimeSpan.FromSeconds(1);

    /// <exception cref="ConnectionLostException">The connection broke, and the execution stopped.</exception>
    public async Task<JobOutcome> Execute(JsonNode job, DateTimeOffset preparedAt, Connection connection)
    {
        connection.Work = new JobWork(job["job_id"]!.GetValue<string>(), process.Time.GetUtcNow());
        switch (job["job_type"]!.GetValue<string>())
        {
            case "CreateGroup":
                cluster.Record.Works.Add(connection.Work);
                return Breaks(mayGiveUp: true) ?? await Create(job, preparedAt, connection);
            case "CleanupGroup":
                return Breaks(mayGiveUp: false) ?? await CleanUp(job, connection);
            case "RescheduleTask":
                cluster.Record.Works.Add(connection.Work);
                return Breaks(mayGiveUp: true) ?? await Reschedule(job, preparedAt, connection);
            case "LabelNode":
                return Breaks(mayGiveUp: true) ?? JobOutcome.Done;
            case var other:
                throw new InvalidOperationException($"Operators know no job {other}.");
        }
    }

    private async Task<JobOutcome> Create(JsonNode job, DateTimeOffset preparedAt, Connection connection)
    {
        foreach (var manifest in job["k8s_resources"]!.AsArray())
        {
            await Request(connection);
            if (Breaks(mayGiveUp: true) is { } outcome) return outcome;

            cluster.Create(manifest!, preparedAt);
        }

        return JobOutcome.Done;
    }

    private async Task<JobOutcome> CleanUp(JsonNode job, Connection connection)
    {
        var force = job["force_delete"]!.GetValue<bool>();
        if (job["error_log_spec"] is { } logs) await CollectErrors(job["workflow_uuid"]!.GetValue<string>(), logs["labels"]!, connection);
        foreach (var spec in job["cleanup_specs"]!.AsArray())
        {
            await Request(connection);
            if (Breaks(mayGiveUp: false) is { } outcome) return outcome;

            var labels = spec!["labels"]!;
            var group = labels["osmo.group_uuid"]!.GetValue<string>();
            var kind = spec["generic_api"]?["kind"]!.GetValue<string>() ?? spec["resource_type"]!.GetValue<string>();
            if (kind != "Pod") cluster.DeleteObjects(kind, group);
            else foreach (var pod in cluster.FindPods(group, labels["osmo.task_name"]?.GetValue<string>(), RetryId(labels))) Delete(pod, force);
        }

        return JobOutcome.Done;
    }

    private async Task<JobOutcome> Reschedule(JsonNode job, DateTimeOffset preparedAt, Connection connection)
    {
        var (cleanup, create, retryId) = (job["cleanup_job"]!, job["create_job"]!, job["retry_id"]!.GetValue<int>());
        var old = cleanup["cleanup_specs"]!.AsArray()[0]!["labels"]!;
        var (group, task) = (old["osmo.group_uuid"]!.GetValue<string>(), old["osmo.task_name"]!.GetValue<string>());
        if (await CleanUp(cleanup, connection) is var cleaned and not JobOutcome.Done) return cleaned;

        while (cluster.FindPods(group, task, RetryId(old)).Count > 0)
        {
            await process.Pause(OldPodLooks);
            await Request(connection);
        }

        if (await Create(create, preparedAt, connection) is var created and not JobOutcome.Done) return created;
        return cluster.FindPods(group, task).Any(pod => pod.Labels.RetryId >= retryId) ? JobOutcome.Done : JobOutcome.Again;
    }

    /// <summary>Last lines of pods that failed; what one connection has not stored the next collects anew.</summary>
    private async Task CollectErrors(string workflow, JsonNode labels, Connection connection)
    {
        foreach (var pod in cluster.FindPods(labels["osmo.group_uuid"]!.GetValue<string>(), labels["osmo.task_name"]?.GetValue<string>(), RetryId(labels)).Where(pod => pod.IsOver))
        {
            await Request(connection);
            var text = $"Logs for container {pod.Labels.Task}: it failed\n";
            var append = new LogAppend(LogStream.Errors, pod.Labels.Task, pod.Labels.RetryId, null, 1, Encoding.UTF8.GetBytes(text));
            await cluster.Network.Call(grains => grains.GetGrain<IWorkflowLogGrain>(workflow).Append(append));
        }
    }

    private void Delete(SimulatedPod pod, bool force) => cluster.Record.Start(cluster.Process, () => pod.Delete(force));

    private static int? RetryId(JsonNode labels) => labels["osmo.retry_id"] is { } retry ? int.Parse(retry.GetValue<string>()) : null;

    private async Task Request(Connection connection)
    {
        if (cluster.Dice.Once(rates.CallIsLate)) await process.Pause(cluster.Dice.Between(TimeSpan.Zero, SlowRequest));
        if (connection.IsCut) throw new ConnectionLostException();

        connection.Work!.Latest = process.Time.GetUtcNow();
    }

    private JobOutcome? Breaks(bool mayGiveUp) =>
        !cluster.Dice.Once(rates.JobFails) ? null : mayGiveUp && cluster.Dice.Once(0.3) ? JobOutcome.Failed : JobOutcome.Again;
}
