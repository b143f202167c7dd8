using System.Collections.Immutable;
using System.Text.Json;

namespace Osmo.Protocol.LocalPods;

/// <summary>The JSON form of a manifest: member names in camel case.</summary>
internal static class PodManifestJson
{
    public static PodManifest Read(JsonObject json) => new(
        json.Text("podName"),
        json.Text("podUid"),
        json.Text("namespace"),
        json.Text("nodeName"),
        json.Objects("initContainers", ReadContainer),
        json.Objects("containers", ReadContainer),
        json.Integer("terminationGraceSeconds"));

    public static void Write(Utf8JsonWriter json, PodManifest manifest)
    {
        json.WriteString("podName"u8, manifest.PodName);
        json.WriteString("podUid"u8, manifest.PodUid);
        json.WriteString("namespace"u8, manifest.Namespace);
        json.WriteString("nodeName"u8, manifest.NodeName);
        WriteContainers(json, "initContainers"u8, manifest.InitContainers);
        WriteContainers(json, "containers"u8, manifest.Containers);
        json.WriteNumber("terminationGraceSeconds"u8, manifest.TerminationGraceSeconds);
    }

    private static ContainerManifest ReadContainer(JsonObject json) => new(
        json.Text("name"),
        json.Text("image"),
        json.Texts("command"),
        json.Texts("args"),
        json.Objects("environment", entry => new EnvironmentEntry(entry.Text("name"), entry.Text("value"))),
        json.OptionalText("workingDirectory"),
        json.Text("logFile"),
        json.OptionalText("terminationMessageFile"),
        json.Objects("mounts", mount => new MountEntry(mount.Text("mountPath"), mount.Text("localPath"))));

    private static void WriteContainers(Utf8JsonWriter json, ReadOnlySpan<byte> name, ImmutableArray<ContainerManifest> containers)
    {
        json.WriteStartArray(name);
        foreach (var container in containers)
        {
            json.WriteStartObject();
            json.WriteString("name"u8, container.Name);
            json.WriteString("image"u8, container.Image);
            WriteTexts(json, "command"u8, container.Command);
            WriteTexts(json, "args"u8, container.Args);
            json.WriteStartArray("environment"u8);
            foreach (var entry in container.Environment)
                WritePair(json, "name"u8, entry.Name, "value"u8, entry.Value);
            json.WriteEndArray();
            json.WriteString("workingDirectory"u8, container.WorkingDirectory);
            json.WriteString("logFile"u8, container.LogFile);
            json.WriteString("terminationMessageFile"u8, container.TerminationMessageFile);
            json.WriteStartArray("mounts"u8);
            foreach (var mount in container.Mounts)
                WritePair(json, "mountPath"u8, mount.MountPath, "localPath"u8, mount.LocalPath);
            json.WriteEndArray();
            json.WriteEndObject();
        }

        json.WriteEndArray();
    }

    private static void WriteTexts(Utf8JsonWriter json, ReadOnlySpan<byte> name, ImmutableArray<string> texts)
    {
        json.WriteStartArray(name);
        foreach (var text in texts)
            json.WriteStringValue(text);
        json.WriteEndArray();
    }

    private static void WritePair(
        Utf8JsonWriter json, ReadOnlySpan<byte> firstName, string first, ReadOnlySpan<byte> secondName, string second)
    {
        json.WriteStartObject();
        json.WriteString(firstName, first);
        json.WriteString(secondName, second);
        json.WriteEndObject();
    }
}
