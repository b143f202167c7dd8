using System.Globalization;
using System.Runtime.InteropServices;
using System.Text.Json.Nodes;
using Osmo.BackendOperator.Kubernetes;

namespace Osmo.BackendOperator.Local;

/// <summary>This machine as the cluster's only node.</summary>
internal static class LocalNode
{
    /// <summary>Address of the node and of every pod.</summary>
    public const string Address = "127.0.0.1";

    public static ObjectRef RefOf(string name) => new(ObjectKind.Node, null, name);

    /// <summary>Writes the node as the machine is now; labels set earlier stay.</summary>
    public static void Register(ObjectStore store, LocalClusterOptions options, DateTimeOffset now)
    {
        var fresh = DocumentOf(options, now);
        var isKnown = store.Update(
            RefOf(options.NodeName),
            node =>
            {
                node["status"] = fresh["status"]!.DeepClone();
                var metadata = node["metadata"]!.AsObject();
                var labels = metadata["labels"] as JsonObject ?? [];
                metadata["labels"] = labels.DeepClone();
                foreach (var (key, value) in fresh["metadata"]!["labels"]!.AsObject())
                {
                    metadata["labels"]![key] = value!.DeepClone();
                }
            });
        if (isKnown is null)
        {
            store.Create(KubernetesObject.From(fresh));
        }
    }

    /// <summary>What pods may request altogether.</summary>
    public static IReadOnlyDictionary<string, decimal> Allocatable(LocalClusterOptions options)
    {
        var disk = new DriveInfo(Path.GetFullPath(options.DataDirectory));
        return new Dictionary<string, decimal>
        {
            ["cpu"] = Math.Max(options.CpusMin, (int)(Environment.ProcessorCount * options.Overcommit)),
            ["memory"] = decimal.Floor(GC.GetGCMemoryInfo().TotalAvailableMemoryBytes * (decimal)options.Overcommit / 1024) * 1024,
            ["ephemeral-storage"] = decimal.Floor(disk.AvailableFreeSpace * (decimal)options.Overcommit),
            ["nvidia.com/gpu"] = options.Gpus,
            ["pods"] = options.PodsMax,
        };
    }

    private static JsonObject DocumentOf(LocalClusterOptions options, DateTimeOffset now)
    {
        var resources = new JsonObject();
        foreach (var (name, value) in Allocatable(options))
        {
            resources[name] = name == "memory"
                ? (value / 1024).ToString("0", CultureInfo.InvariantCulture) + "Ki"
                : value.ToString("0", CultureInfo.InvariantCulture);
        }

        return new JsonObject
        {
            ["apiVersion"] = "v1",
            ["kind"] = "Node",
            ["metadata"] = new JsonObject
            {
                ["name"] = options.NodeName,
                ["labels"] = new JsonObject
                {
                    ["kubernetes.io/hostname"] = options.NodeName,
                    ["kubernetes.io/os"] = OperatingSystem.IsMacOS() ? "darwin" : "linux",
                    ["kubernetes.io/arch"] = RuntimeInformation.OSArchitecture == Architecture.Arm64 ? "arm64" : "amd64",
                },
            },
            ["spec"] = new JsonObject(),
            ["status"] = new JsonObject
            {
                ["capacity"] = resources.DeepClone(),
                ["allocatable"] = resources,
                ["conditions"] = new JsonArray(
                    new JsonObject
                    {
                        ["type"] = "Ready",
                        ["status"] = "True",
                        ["reason"] = "LocalClusterReady",
                        ["message"] = "This machine runs pods as processes.",
                        ["lastTransitionTime"] = KubernetesTime.Format(now),
                        ["lastHeartbeatTime"] = KubernetesTime.Format(now),
                    }),
            },
        };
    }
}
