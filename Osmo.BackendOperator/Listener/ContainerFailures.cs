using System.Text;
using System.Text.Json;
using Osmo.BackendOperator.Kubernetes;

namespace Osmo.BackendOperator.Listener;

/// <summary>A container's part in a pod: its name for people and where its exit codes start (contract: backend-protocol §9.3).</summary>
internal sealed record ContainerRole(string Name, int Offset)
{
    public const string ControlContainer = "osmo-ctrl";

    public static ContainerRole Of(string container) => container switch
    {
        "osmo-init" => new ContainerRole("Task osmo-init", 255),
        "preflight-test" => new ContainerRole("OSMO Preflight Test", 1000),
        ControlContainer => new ContainerRole("OSMO Control", 2000),
        _ => new ContainerRole($"Task {container}", 0),
    };
}

/// <summary>The containers of a pod that ended otherwise than <c>Completed</c>.</summary>
/// <param name="ExitCode">The highest, each with its role's offset.</param>
internal sealed record ContainerFailures(string Message, int ExitCode, bool IsOutOfMemory)
{
    /// <returns>Null when no container failed.</returns>
    public static ContainerFailures? Of(PodStatus status)
    {
        var message = new StringBuilder("Failure reason:");
        int? highest = null;
        var isOutOfMemory = false;
        foreach (var container in status.InitThenMain)
        {
            if (container.State.Terminated is not { Reason: not "Completed" } end)
            {
                continue;
            }

            var role = ContainerRole.Of(container.Name);
            var exitCode = role.Offset + (container.Name == ContainerRole.ControlContainer ? ReportedCode(end.Message) ?? end.ExitCode : end.ExitCode);
            message.Append($"\n- Exit code {exitCode} due to {role.Name} failure. ");
            highest = Math.Max(highest ?? exitCode, exitCode);
            isOutOfMemory |= end.Reason == "OOMKilled";
        }

        return highest is { } code ? new ContainerFailures(message.ToString(), code, isOutOfMemory) : null;
    }

    /// <summary>The control container says more exactly what happened: <c>{"code": n}</c>.</summary>
    private static int? ReportedCode(string? terminationMessage)
    {
        if (string.IsNullOrWhiteSpace(terminationMessage))
        {
            return null;
        }

        try
        {
            var report = JsonElement.Parse(terminationMessage);
            return report.ValueKind == JsonValueKind.Object
                && report.TryGetProperty("code", out var code)
                && code.ValueKind == JsonValueKind.Number
                && code.TryGetInt32(out var value)
                ? value
                : null;
        }
        catch (JsonException)
        {
            return null;
        }
    }
}
