using System.Net.WebSockets;
using System.Text.Json.Nodes;
using Osmo.BackendOperator.Connection;
using Osmo.BackendOperator.Kubernetes;
using Osmo.BackendOperator.Kubernetes.Access;
using Osmo.BackendOperator.Kubernetes.Api;
using Osmo.BackendOperator.Leftovers;
using Osmo.Protocol.Backend;
using Osmo.Testing.Kubernetes;
using Osmo.Testing.Kubernetes.Api;
using Osmo.Testing.Kubernetes.Cluster;
using YamlDotNet.RepresentationModel;

namespace Osmo.BackendOperator.Tests;

/// <summary>The manifests of k8s/backend-operator against what the operator really does.</summary>
public sealed class ManifestTests
{
    private const string WorkflowNamespace = "osmo-workflows";

    private static readonly string Folder = Path.Combine(RepositoryRoot(), "k8s", "backend-operator");

    /// <summary>A right: verb, resource with group and subresource, and the namespace it is limited to or <c>*</c>.</summary>
    private sealed record Right(string Verb, string Resource, string Namespace);

    [Fact]
    public async Task Rights_OfTheOperator_AreThoseItUses()
    {
        var granted = ClusterRights().Concat(NamespaceRights()).ToHashSet();
        await using var server = await FakeKubernetes.StartAsync(new FakeKubernetesOptions { Namespaces = [WorkflowNamespace] });
        server.Faults.Allowed = call => granted.Contains(RightOf(call)) || granted.Contains(RightOf(call) with { Namespace = "*" });
        var nodes = new FakeCluster(server, WorkflowNamespace);
        nodes.AddNode("n1");
        nodes.Event("e", "p", "Pulled", "done");

        await DoEverythingAsync(server, nodes);

        var used = server.Calls.Select(RightOf).ToHashSet();
        Assert.Empty(granted.Except(used).Select(right => $"granted, but never used: {right}"));
        Assert.Empty(used.Except(granted).Select(right => $"used, but not granted: {right}"));
    }

    [Fact]
    public void Deployment_RunsAsNobodyOnAReadOnlyRoot()
    {
        var pod = (YamlMappingNode)Documents("deployment.yaml").Single()["spec"]["template"]["spec"];
        var container = (YamlMappingNode)pod["containers"][0];

        Assert.Equal("true", pod["securityContext"]["runAsNonRoot"].ToString());
        Assert.Equal("true", container["securityContext"]["readOnlyRootFilesystem"].ToString());
        Assert.Equal("false", container["securityContext"]["allowPrivilegeEscalation"].ToString());
        Assert.NotNull(container["livenessProbe"]);
        Assert.NotNull(container["readinessProbe"]);
        Assert.NotNull(container["resources"]["requests"]["memory"]);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Deployment_Arguments_AreUnderstood(bool login)
    {
        var container = (YamlMappingNode)Documents("deployment.yaml").Single()["spec"]["template"]["spec"]["containers"][0];
        var token = Path.GetTempFileName();
        var settings = Settings(Folder).Concat(login ? Settings($"{Folder}-login") : []).GroupBy(pair => pair.Key).ToDictionary(pair => pair.Key, pair => pair.Last().Value);
        if (login)
        {
            Assert.Contains(Path.GetDirectoryName(settings["OSMO_TOKEN_FILE"])!, File.ReadAllText(Path.Combine($"{Folder}-login", "deployment.yaml")), StringComparison.Ordinal);
            settings["OSMO_TOKEN_FILE"] = token;
        }

        Hosting.OperatorSettings? read = null;
        var command = new Hosting.OperatorCommand(settings.GetValueOrDefault).Create((parsed, _) =>
        {
            read = parsed;
            return Task.CompletedTask;
        });

        Assert.Equal(0, command.Parse([.. ((YamlSequenceNode)container["args"]).Select(argument => argument.ToString())]).Invoke());

        var options = read!.ToOptions();
        Assert.Equal((WorkflowNamespace, "default"), (options.Namespace, options.Backend));
        Assert.IsType(login ? typeof(OperatorCredential.TokenFile) : typeof(OperatorCredential.Dev), options.Credential);
        Assert.Equal(container["ports"][0]["containerPort"].ToString(), read.HealthPort.ToString());
        File.Delete(token);
    }

    [Fact]
    public void Kustomization_NamesFilesThatAreThere()
    {
        var kustomization = Documents("kustomization.yaml").Single();

        Assert.All((YamlSequenceNode)kustomization["resources"], file => Assert.True(File.Exists(Path.Combine(Folder, file.ToString())), file.ToString()));
    }

    /// <summary>Every job, every report, and the label of verified nodes.</summary>
    private static async Task DoEverythingAsync(FakeKubernetes server, FakeCluster nodes)
    {
        using var cluster = new KubernetesCluster(
            new ClusterAccess { Server = server.Url }, new ApiClientOptions { RetryPause = TimeSpan.FromMilliseconds(1) }, TimeProvider.System);
        Assert.IsType<Cluster.ApiResult<string>.Ok>(await cluster.GetClusterUidAsync(default));
        await using var controlPlane = await ScriptedControlPlane.StartAsync();
        var options = controlPlane.Options with { Namespace = WorkflowNamespace, EnableNodeLabelUpdate = true };
        await using (var listening = await ScriptedControlPlane.StartAsync())
        {
            listening.RunListener(cluster, options with { ServiceUrl = listening.Url });
            var reported = await listening.ConnectionAsync("listener/node");
            await reported.ReceiveAsync<BackendMessage.Resource>(resource => resource.LabelFields.ContainsKey("osmo.nvidia.com/verified"));
            var events = await listening.ConnectionAsync("listener/event");
            await events.ReceiveAsync<BackendMessage.PodEvent>();
            var pods = await listening.ConnectionAsync("listener/pod");
            server.Writes.Create(Resource.Pods, WorkflowNamespace, JsonNode.Parse(Pod("seen", "0"))!.AsObject());
            await pods.ReceiveAsync<BackendMessage.UpdatePod>();
            // What comes after something of its kind was heard of comes by the watch.
            nodes.Event("e2", "p", "Started", "done");
            nodes.AddNode("n2");
            server.Writes.Create(Resource.Pods, WorkflowNamespace, JsonNode.Parse(Pod("later", "0"))!.AsObject());
            await events.ReceiveAsync<BackendMessage.PodEvent>(happened => happened.Reason == "Started");
            await reported.ReceiveAsync<BackendMessage.Resource>(resource => resource.Hostname == "n2");
            await pods.ReceiveAsync<BackendMessage.UpdatePod>(update => update.TaskUuid == "task-later");
        }

        await using (var searching = await ScriptedControlPlane.StartAsync())
        {
            var board = new ConnectionBoard();
            foreach (var path in ConnectionBoard.All)
            {
                board.Up(path);
            }

            server.Writes.Create(Resource.Secrets, WorkflowNamespace, JsonNode.Parse(
                $$"""{"metadata": {"name": "left", "labels": {"osmo.workflow_uuid": "{{new string('a', 32)}}", "osmo.group_uuid": "{{new string('b', 32)}}"} } }""")!.AsObject());
            searching.RunLeftoverSearch(
                cluster, board, new GroupKinds(), TimeProvider.System, options with { ServiceUrl = searching.Url, LeftoverPeriod = TimeSpan.FromSeconds(1) });
            Assert.Single((await searching.Leftovers.Reader.ReadAsync(Waiting.Deadline())).Groups);
        }

        controlPlane.RunWorker(cluster, options);
        var worker = await controlPlane.ConnectionAsync("worker");
        await worker.ReceiveInitAsync();
        string[] kinds = ["v1 Secret", "v1 Service", "v1 Pod", "scheduling.run.ai/v2alpha2 PodGroup"];
        await RunAsync(worker, CreateGroup(Object("v1", "Secret"), Object("v1", "Service"), Object("scheduling.run.ai/v2alpha2", "PodGroup"), Pod("p", "0")));
        nodes.Bind("p", "n1");
        nodes.Run("p");
        nodes.Finish("p", 1);
        await RunAsync(worker, $$"""
            {"job_type": "RescheduleTask", "job_id": "r", "backend": "b1", "workflow_uuid": "w", "retry_id": 1, "task_name": "t", "lead_task": true,
             "create_job": {{CreateGroup(Pod("p", "1"))}}, "cleanup_job": {{Cleanup(["v1 Pod"], "0")}} }
            """);
        await RunAsync(worker, Cleanup(kinds, "1"));
        await RunAsync(worker, Cleanup(kinds, null));
        await RunAsync(worker, """{"job_type": "LabelNode", "job_id": "l", "backend": "b1", "workflow_uuid": "w", "node_name": "n1", "labels": {"a": "b"} }""");
        await RunAsync(worker, Queues(1, "a"));
        await RunAsync(worker, Queues(2, "b"));
    }

    private static async Task RunAsync(PeerConnection worker, string job)
    {
        await worker.SendAsync(WorkerFrame.EncodeJob(JsonNode.Parse(job)!.AsObject()), WebSocketMessageType.Binary);
        BackendMessage message;
        while ((message = (await worker.ReceiveAsync()).Message) is not BackendMessage.JobStatus)
        {
        }

        Assert.Equal((JobOutcome.Success, job), (((BackendMessage.JobStatus)message).Status, job));
    }

    private static Right RightOf(ApiCall call) => new(
        call.Verb,
        call.Resource.Name + (call.Subresource is null ? "" : "/" + call.Subresource) + (call.Resource == Resource.Namespaces ? $" {call.Name}" : ""),
        call.Namespace ?? "*");

    private static IEnumerable<KeyValuePair<string, string>> Settings(string folder) =>
        File.ReadAllLines(Path.Combine(folder, "settings.env")).Select(line => line.Split('=', 2)).Select(pair => KeyValuePair.Create(pair[0], pair[1]));

    private static IEnumerable<Right> ClusterRights() => RightsOf(Documents("cluster-role.yaml").First(), "*");

    private static IEnumerable<Right> NamespaceRights()
    {
        var role = Documents("workflow-namespace-role.yaml").First();
        return RightsOf(role, role["metadata"]["namespace"].ToString());
    }

    private static IEnumerable<Right> RightsOf(YamlMappingNode role, string @namespace) =>
        from rule in (YamlSequenceNode)role["rules"]
        from @group in (YamlSequenceNode)rule["apiGroups"]
        from resource in (YamlSequenceNode)rule["resources"]
        from verb in (YamlSequenceNode)rule["verbs"]
        let suffix = @group.ToString().Length == 0 ? "" : $".{@group}"
        let names = ((YamlMappingNode)rule).Children.TryGetValue("resourceNames", out var limited) ? " " + limited[0] : ""
        select new Right(verb.ToString(), resource + suffix + names, @namespace);

    private static IEnumerable<YamlMappingNode> Documents(string file)
    {
        var stream = new YamlStream();
        stream.Load(new StringReader(File.ReadAllText(Path.Combine(Folder, file))));
        return stream.Documents.Select(document => (YamlMappingNode)document.RootNode);
    }

    private static string RepositoryRoot()
    {
        var directory = new DirectoryInfo(AppContext.BaseDirectory);
        while (!File.Exists(Path.Combine(directory!.FullName, "Osmo.sln")))
        {
            directory = directory.Parent;
        }

        return directory.FullName;
    }

    private static string CreateGroup(params string[] objects) =>
        $$"""{"job_type": "CreateGroup", "job_id": "c", "backend": "b1", "workflow_uuid": "w", "group_name": "g", "k8s_resources": [{{string.Join(',', objects)}}]}""";

    private static string Cleanup(string[] kinds, string? retry)
    {
        var labels = $$"""{"osmo.group_uuid": "g"{{(retry is null ? "" : $", \"osmo.retry_id\": \"{retry}\"")}} }""";
        var specs = kinds.Select(kind => kind.Split(' ')).Select(kind =>
            $$"""{"labels": {{labels}}, "generic_api": {"api_version": "{{kind[0]}}", "kind": "{{kind[1]}}"} }""");
        return $$"""
            {"job_type": "CleanupGroup", "job_id": "d", "backend": "b1", "workflow_uuid": "w", "group_name": "g", "max_log_lines": 2,
             "error_log_spec": {"labels": {{labels}}, "resource_type": "Pod"}, "cleanup_specs": [{{string.Join(',', specs)}}]}
            """;
    }

    private static string Queues(int quota, string topology) => $$"""
        {"job_type": "BackendSynchronizeQueues", "job_id": "b1-modify-queues-1", "backend": "b1", "immutable_kinds": ["Topology"],
         "cleanup_specs": [{"labels": {"osmo.namespace": "n"}, "generic_api": {"api_version": "scheduling.run.ai/v2", "kind": "Queue"} },
                           {"labels": {"osmo.namespace": "n"}, "generic_api": {"api_version": "kai.scheduler/v1alpha1", "kind": "Topology"} }],
         "k8s_resources": [{"apiVersion": "scheduling.run.ai/v2", "kind": "Queue", "metadata": {"name": "q", "labels": {"osmo.namespace": "n"} }, "spec": {"quota": {{quota}} } },
                           {"apiVersion": "scheduling.run.ai/v2", "kind": "Queue", "metadata": {"name": "q-{{topology}}", "labels": {"osmo.namespace": "n"} }, "spec": {} },
                           {"apiVersion": "kai.scheduler/v1alpha1", "kind": "Topology", "metadata": {"name": "t-{{topology}}", "labels": {"osmo.namespace": "n"} }, "spec": {} }]}
        """;

    private static string Object(string apiVersion, string kind) =>
        $$"""{"apiVersion": "{{apiVersion}}", "kind": "{{kind}}", "metadata": {"name": "{{kind.ToLowerInvariant()}}", "labels": {"osmo.group_uuid": "g"} } }""";

    private static string Pod(string name, string retry) => $$"""
        {"apiVersion": "v1", "kind": "Pod",
         "metadata": {"name": "{{name}}", "finalizers": ["osmo.nvidia.com/cleanup"],
                      "labels": {"osmo.group_uuid": "g", "osmo.workflow_uuid": "w", "osmo.task_uuid": "task-{{name}}", "osmo.retry_id": "{{retry}}"} },
         "spec": {"containers": [{"name": "user"}]} }
        """;
}
