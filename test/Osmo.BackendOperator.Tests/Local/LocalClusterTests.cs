using System.Diagnostics;
using System.Globalization;
using System.Text.Json.Nodes;
using Osmo.BackendOperator.Cluster;
using Osmo.BackendOperator.Kubernetes;
using Osmo.BackendOperator.Listener;

namespace Osmo.BackendOperator.Tests.Local;

/// <summary>Pods as real processes under the real supervisor.</summary>
public sealed class LocalClusterTests
{
    [Fact]
    public async Task Pod_InitThenMain_RunsWithVolumesSecretsAndEnvironment()
    {
        await using var machine = new LocalMachine();
        await machine.CreateAsync("""
            {"apiVersion": "v1", "kind": "Secret", "metadata": {"name": "s", "namespace": "osmo"},
             "stringData": {"run.sh": "cat /data/sub/out $1; cd /data/deep; cat who", "who": "moon"}}
            """);
        var pod = await machine.CreateAsync("""
            {"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "p", "namespace": "osmo"},
             "spec": {
               "initContainers": [
                 {"name": "prepare", "command": ["sh", "-c", "mkdir /all/sub; echo hello > /all/sub/out"], "volumeMounts": [{"name": "v", "mountPath": "/all"}]}],
               "containers": [
                 {"name": "user", "image": "ubuntu", "command": ["sh", "/scripts/run.sh"], "args": ["/etc/who"],
                  "volumeMounts": [{"name": "v", "mountPath": "/data"}, {"name": "s", "mountPath": "/scripts"}, {"name": "s", "mountPath": "/etc/who", "subPath": "who"},
                                    {"name": "s", "mountPath": "/data/deep/who", "subPath": "who"}]},
                 {"name": "other", "command": ["sh", "-c", "echo $NAME on $NODE; echo '$(NAME)'; pwd"],
                  "env": [{"name": "NAME", "valueFrom": {"secretKeyRef": {"name": "s", "key": "who"}}}, {"name": "NODE", "valueFrom": {"fieldRef": {"fieldPath": "spec.nodeName"}}}]}],
               "volumes": [{"name": "v"}, {"name": "s", "secret": {"secretName": "s"}}]}}
            """);

        var ended = await machine.UntilAsync("p", state => state.Status.IsFinal);

        Assert.Equal(PodPhase.Succeeded, ended.Status.Phase);
        Assert.Equal("hello\nmoonmoon", await machine.LogAsync("p", "user"));
        Assert.Equal($"moon on laptop\nmoon\n{machine.PathsOf(pod).WorkingDirectoryOf("other")}\n", await machine.LogAsync("p", "other"));
        Assert.Equal("laptop", ended.Spec.NodeName);
        Assert.All(ended.Status.InitThenMain, container => Assert.Equal((0, "Completed"), (container.State.Terminated!.ExitCode, container.State.Terminated.Reason)));
        Assert.Equal(Osmo.Protocol.Backend.PodStatus.Completed, PodEvaluation.Of(ended.Metadata.Name, ended.Status, DateTimeOffset.UtcNow)!.Status);
        var events = machine.Cluster.Store.List(ObjectKind.Event, "osmo", new Dictionary<string, string>()).Items.Select(item => item.AsEvent().Reason!).ToList();
        Assert.Contains("Scheduled", events);
        Assert.Equal(3, events.Count(reason => reason == "Started"));
        await machine.Cluster.DeleteAsync(pod.Ref, DeleteOptions.Default, default);
        await machine.UntilGoneAsync("p");
    }

    [Fact]
    public async Task Pod_FailingCommand_ReportsItsExitCode()
    {
        await using var machine = new LocalMachine();
        await machine.CreateAsync(Pods.Running("p", "echo out; echo err >&2; exit 7"));

        var ended = await machine.UntilAsync("p", state => state.Status.IsFinal);

        var terminated = ended.Status.ContainerStatuses[0].State.Terminated!;
        Assert.Equal((PodPhase.Failed, 7, "Error"), (ended.Status.Phase, terminated.ExitCode, terminated.Reason));
        Assert.Equal(7, PodEvaluation.Of(ended.Metadata.Name, ended.Status, DateTimeOffset.UtcNow)!.ExitCode);
        Assert.Equal(2, (await machine.LogAsync("p", "user")).Trim().Split('\n').Length);
        Assert.Single((await machine.LogAsync("p", "user", lines: 1)).Trim().Split('\n'));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Delete_RunningPod_LeavesNoProcessAndNoFile(bool isForced)
    {
        await using var machine = new LocalMachine();
        var document = Pods.Running(
            "p",
            "trap '' TERM; sleep 1000 & echo $! >> /data/pids; setsid sleep 1000 & echo $! >> /data/pids; echo $$$$ >> /data/pids; touch /data/ready; wait; sleep 1000");
        document["metadata"]!["finalizers"] = new JsonArray("osmo.nvidia.com/cleanup");
        document["spec"]!["terminationGracePeriodSeconds"] = isForced ? 1000 : 1;
        var pod = await machine.CreateAsync(document);
        await machine.UntilAsync("p", state => state.Status.Phase == PodPhase.Running);
        var data = machine.PathsOf(pod).VolumeOf("data");
        await ReachedAsync(data, () => File.Exists(Path.Combine(data, "ready")));
        var pids = (await File.ReadAllLinesAsync(Path.Combine(data, "pids"))).Select(line => int.Parse(line, CultureInfo.InvariantCulture)).ToList();
        Assert.Equal(3, pids.Count);

        await machine.Cluster.DeleteAsync(pod.Ref, isForced ? DeleteOptions.Force : DeleteOptions.Default, default);
        var ended = await machine.UntilAsync("p", state => state.Status.IsFinal);
        Assert.Equal(PodPhase.Failed, ended.Status.Phase);
        Assert.NotNull(machine.Cluster.Store.Find(pod.Ref));
        await machine.Cluster.RemoveFinalizerAsync(pod.Ref, "osmo.nvidia.com/cleanup", default);
        await machine.UntilGoneAsync("p");

        Assert.DoesNotContain(pids, IsAlive);
        // The name is free again at once.
        await machine.CreateAsync(Pods.Running("p", "true"));
        await machine.UntilAsync("p", state => state.Status.Phase == PodPhase.Succeeded);
        foreach (var directory in new[] { machine.PathsOf(pod).Volumes, machine.PathsOf(pod).Directory })
        {
            await ReachedAsync(Path.GetDirectoryName(directory)!, () => !Directory.Exists(directory));
        }
    }

    [Fact]
    public async Task Kill_WhilePodRuns_AdoptsItAtTheNextStart()
    {
        await using var machine = new LocalMachine();
        var pod = await machine.CreateAsync(Pods.Running("p", "while [ ! -e /data/go ]; do sleep 0.05; done; echo done; exit 3"));
        await machine.UntilAsync("p", state => state.Status.Phase == PodPhase.Running);

        await machine.KillAsync();
        machine.StartAgain();
        var adopted = await machine.UntilAsync("p", state => state.Status.Phase == PodPhase.Running);
        await File.WriteAllTextAsync(Path.Combine(machine.PathsOf(pod).VolumeOf("data"), "go"), "");
        var ended = await machine.UntilAsync("p", state => state.Status.IsFinal);

        Assert.Equal(pod.Metadata.Uid, adopted.Metadata.Uid);
        Assert.Equal(3, ended.Status.ContainerStatuses[0].State.Terminated!.ExitCode);
    }

    [Fact]
    public async Task Kill_WithTheSupervisor_FailsThePodAtTheNextStart()
    {
        await using var machine = new LocalMachine();
        var pod = await machine.CreateAsync(Pods.Running("p", "echo $$$$ > /data/pid; touch /data/ready; sleep 1000"));
        await machine.UntilAsync("p", state => state.Status.Phase == PodPhase.Running);
        var data = machine.PathsOf(pod).VolumeOf("data");
        await ReachedAsync(data, () => File.Exists(Path.Combine(data, "ready")));

        await machine.KillAsync();
        var supervisor = Process.GetProcessById(int.Parse(await File.ReadAllTextAsync(machine.PathsOf(pod).Pid), CultureInfo.InvariantCulture));
        supervisor.Kill();
        await supervisor.WaitForExitAsync(Waiting.Deadline());
        machine.StartAgain();
        var ended = await machine.UntilAsync("p", state => state.Status.IsFinal);

        var terminated = ended.Status.ContainerStatuses[0].State.Terminated!;
        Assert.Equal((PodPhase.Failed, 137, "ContainerStatusUnknown"), (ended.Status.Phase, terminated.ExitCode, terminated.Reason));
        Assert.False(IsAlive(int.Parse(await File.ReadAllTextAsync(Path.Combine(data, "pid")), CultureInfo.InvariantCulture)));
    }

    [Fact]
    public async Task Stop_WhilePodRuns_ReportsABackendErrorAtTheNextStart()
    {
        await using var machine = new LocalMachine();
        await machine.CreateAsync(Pods.Running("p", "sleep 1000"));
        await machine.UntilAsync("p", state => state.Status.Phase == PodPhase.Running);

        await machine.Cluster.StopAsync();
        await machine.KillAsync();
        machine.StartAgain();
        var ended = await machine.UntilAsync("p", state => state.Status.IsFinal);

        Assert.Contains(ended.Status.Conditions, condition => condition is { Type: "DisruptionTarget", Status: "True", Reason: "TerminationByKubelet" });
        var evaluation = PodEvaluation.Of(ended.Metadata.Name, ended.Status, DateTimeOffset.UtcNow)!;
        Assert.Equal((Osmo.Protocol.Backend.PodStatus.FailedBackendError, 3001), (evaluation.Status, evaluation.ExitCode));
    }

    [Fact]
    public async Task Pod_WithoutItsSecret_WaitsForIt()
    {
        await using var machine = new LocalMachine();
        var document = Pods.Running("p", "echo $A");
        document["spec"]!["containers"]![0]!["env"] = JsonNode.Parse("""[{"name": "A", "valueFrom": {"secretKeyRef": {"name": "late", "key": "a"}}}]""");
        await machine.CreateAsync(document);
        var waiting = await machine.UntilAsync("p", state => state.Status.ContainerStatuses.Count > 0);
        Assert.Equal("CreateContainerConfigError", waiting.Status.ContainerStatuses[0].State.Waiting!.Reason);

        await machine.CreateAsync("""{"apiVersion": "v1", "kind": "Secret", "metadata": {"name": "late", "namespace": "osmo"}, "data": {"a": "Yg=="}}""");

        await machine.UntilAsync("p", state => state.Status.Phase == PodPhase.Succeeded);
        Assert.Equal("b", (await machine.LogAsync("p", "user")).Trim());
    }

    [Fact]
    public async Task Pod_ThatDoesNotFit_WaitsUntilItDoes()
    {
        await using var machine = new LocalMachine();
        var first = await machine.CreateAsync(Requesting("first", "40", "sleep 1000"));
        await machine.UntilAsync("first", state => state.Status.Phase == PodPhase.Running);
        await machine.CreateAsync(Requesting("second", "30", "true"));
        await machine.CreateAsync(Requesting("never", "65", "true"));

        var waiting = await machine.UntilAsync("second", state => state.Status.Conditions.Count > 0);
        var condition = waiting.Status.Conditions[0];
        Assert.Equal(
            ("PodScheduled", "False", "Unschedulable", "0/1 nodes are available: 1 Insufficient cpu."),
            (condition.Type, condition.Status, condition.Reason, condition.Message));
        await machine.Cluster.DeleteAsync(first.Ref, DeleteOptions.Force, default);

        await machine.UntilAsync("second", state => state.Status.Phase == PodPhase.Succeeded);
        await machine.UntilAsync("never", state => state.Status is { Phase: PodPhase.Pending, Conditions.Count: 1 });
    }

    private static JsonObject Requesting(string name, string cpu, string script)
    {
        var document = Pods.Running(name, script);
        document["spec"]!["containers"]![0]!["resources"] = new JsonObject { ["requests"] = new JsonObject { ["cpu"] = cpu } };
        return document;
    }

    private static bool IsAlive(int pid)
    {
        try
        {
            var stat = File.ReadAllText($"/proc/{pid}/stat");
            return stat[stat.LastIndexOf(')') + 2] != 'Z';
        }
        catch (IOException)
        {
            return false;
        }
    }

    /// <summary>Waits for something in a folder to appear or vanish.</summary>
    private static async Task ReachedAsync(string folder, Func<bool> isReached)
    {
        var reached = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        using var watcher = new FileSystemWatcher(folder);
        void Look(object sender, FileSystemEventArgs change)
        {
            if (isReached())
            {
                reached.TrySetResult();
            }
        }

        watcher.Created += Look;
        watcher.Deleted += Look;
        watcher.EnableRaisingEvents = true;
        if (!isReached())
        {
            await reached.Task.WaitAsync(Waiting.Deadline());
        }
    }
}
