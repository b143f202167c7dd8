using System.Globalization;
using System.Text.Json.Nodes;

namespace Osmo.Workflows.Objects;

/// <summary>
/// <c>osmo-ctrl</c>: moves data, forwards logs, holds the connection to the service (contract: backend-protocol §12, runtime-protocol
/// §3.1).
/// </summary>
internal static class ControlContainer
{
    private const string Barrier = "osmo-group-ready";

    public static JsonObject Build(TaskContext task, TaskFiles files) => new()
    {
        ["name"] = ObjectNames.ControlContainer,
        ["image"] = task.Group.Workflow.BackendImages.Client,
        ["imagePullPolicy"] = "Always",
        ["command"] = PodJson.Texts(["/osmo/bin/osmo_ctrl"]),
        ["args"] = PodJson.Texts(Arguments(task)),
        ["env"] = new JsonArray([.. Environment(task)]),
        ["volumeMounts"] = new JsonArray(
        [
            PodJson.Mount("osmo", "/osmo/bin/osmo_ctrl", "osmo/osmo_ctrl", readOnly: true),
            PodJson.Mount("osmo-data", "/osmo/data/socket", "socket"),
            PodJson.Mount("osmo-data", "/osmo/data/benchmarks", "benchmarks"),
            PodJson.Mount("osmo-data", "/osmo/data/input", "input"),
            PodJson.Mount("osmo-data", "/osmo/data/output", "output", readOnly: true),
            PodJson.Mount("osmo-login", "/osmo/login/config", "ctrl/config"),
            .. files.Control.Select(file => file.Mount()),
        ]),
    };

    private static IEnumerable<string> Arguments(TaskContext task)
    {
        var group = task.Group;
        var service = group.Service;
        var data = group.Workflow.WorkflowData;
        return
        [
            "-socketPath", "/osmo/data/socket/data.sock",
            "-inputPath", "/osmo/data/input/",
            "-outputPath", "/osmo/data/output/",
            "-metadataFile", "/osmo/data/default_metadata.yaml",
            "-timeout", Number(data.WebsocketTimeout),
            "-dataTimeout", Number(data.DataTimeout),
            "-workflow", group.Plan.WorkflowId,
            "-groupName", group.Group.Name,
            "-retryId", Number(task.Attempt.RetryId),
            "-logSource", task.Plan.Name,
            "-host", service.Host,
            "-port", Number(service.Port),
            "-scheme", service.WebSocketScheme,
            "-refreshToken", "/osmo/.refresh_token",
            "-refreshScheme", service.HttpScheme,
            .. group.HasPeers && group.Group.Barrier ? ["-barrier", Barrier] : Array.Empty<string>(),
            .. TaskData.Arguments(task),
            "-userConfig", "/osmo/user_config.yaml",
            "-serviceConfig", "/osmo/service_config.yaml",
        ];
    }

    private static IEnumerable<JsonObject> Environment(TaskContext task)
    {
        yield return PodJson.ConfigDirectory(task.Group.Group.Uuid);
        yield return new JsonObject
        {
            ["name"] = "OSMO_NODE_NAME",
            ["valueFrom"] = new JsonObject { ["fieldRef"] = new JsonObject { ["fieldPath"] = "spec.nodeName" } },
        };
        if (task.Resource.Cpu is { } cpu and not 0)
        {
            yield return PodJson.Env("CPU_COUNT", Number(cpu));
        }
    }

    private static string Number(int value) => value.ToString(CultureInfo.InvariantCulture);
}
