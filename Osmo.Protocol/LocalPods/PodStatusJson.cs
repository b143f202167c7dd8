using System.Collections.Immutable;
using System.Text.Json;

namespace Osmo.Protocol.LocalPods;

/// <summary>The JSON form of a status, in Kubernetes' words; what is not known is absent.</summary>
internal static class PodStatusJson
{
    public static PodStatusFile Read(JsonObject json) => new(
        json.Text("phase") switch
        {
            "Pending" => PodPhase.Pending,
            "Running" => PodPhase.Running,
            "Succeeded" => PodPhase.Succeeded,
            "Failed" => PodPhase.Failed,
            _ => throw json.Must("phase", "must be one of Pending, Running, Succeeded, Failed"),
        },
        json.Time("startTime"),
        json.Objects("initContainers", ReadContainer),
        json.Objects("containers", ReadContainer));

    public static void Write(Utf8JsonWriter json, PodStatusFile status)
    {
        json.WriteString("phase"u8, status.Phase switch
        {
            PodPhase.Pending => "Pending",
            PodPhase.Running => "Running",
            PodPhase.Succeeded => "Succeeded",
            PodPhase.Failed => "Failed",
            _ => throw new ArgumentOutOfRangeException(nameof(status), status.Phase, "Not a pod phase."),
        });
        json.WriteString("startTime"u8, status.StartTime);
        WriteContainers(json, "initContainers"u8, status.InitContainers);
        WriteContainers(json, "containers"u8, status.Containers);
    }

    private static ContainerStatusEntry ReadContainer(JsonObject json) => new(
        json.Text("name"),
        json.Text("state") switch
        {
            "waiting" => ContainerState.Waiting,
            "running" => ContainerState.Running,
            "terminated" => ContainerState.Terminated,
            _ => throw json.Must("state", "must be one of waiting, running, terminated"),
        },
        json.OptionalText("reason"),
        json.OptionalText("message"),
        json.OptionalInteger("exitCode"),
        json.OptionalInteger("signal"),
        json.OptionalTime("startedAt"),
        json.OptionalTime("finishedAt"),
        json.OptionalInteger("pid"));

    private static void WriteContainers(Utf8JsonWriter json, ReadOnlySpan<byte> name, ImmutableArray<ContainerStatusEntry> containers)
    {
        json.WriteStartArray(name);
        foreach (var container in containers)
        {
            json.WriteStartObject();
            json.WriteString("name"u8, container.Name);
            json.WriteString("state"u8, container.State switch
            {
                ContainerState.Waiting => "waiting",
                ContainerState.Running => "running",
                ContainerState.Terminated => "terminated",
                _ => throw new ArgumentOutOfRangeException(nameof(containers), container.State, "Not a container state."),
            });
            WriteText(json, "reason"u8, container.Reason);
            WriteText(json, "message"u8, container.Message);
            WriteNumber(json, "exitCode"u8, container.ExitCode);
            WriteNumber(json, "signal"u8, container.Signal);
            WriteTime(json, "startedAt"u8, container.StartedAt);
            WriteTime(json, "finishedAt"u8, container.FinishedAt);
            WriteNumber(json, "pid"u8, container.Pid);
            json.WriteEndObject();
        }

        json.WriteEndArray();
    }

    private static void WriteText(Utf8JsonWriter json, ReadOnlySpan<byte> name, string? value)
    {
        if (value is not null)
            json.WriteString(name, value);
    }

    private static void WriteNumber(Utf8JsonWriter json, ReadOnlySpan<byte> name, int? value)
    {
        if (value is { } number)
            json.WriteNumber(name, number);
    }

    private static void WriteTime(Utf8JsonWriter json, ReadOnlySpan<byte> name, DateTimeOffset? value)
    {
        if (value is { } time)
            json.WriteString(name, time);
    }
}
