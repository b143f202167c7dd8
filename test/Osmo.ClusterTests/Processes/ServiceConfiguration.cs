using System.Text.Json;
using System.Text.Json.Nodes;
using Osmo.Workflows.Configuration;

namespace Osmo.ClusterTests.Processes;

/// <summary>What a cluster wants otherwise than the defaults: where tasks dial, where their data goes, no gang scheduler, and a pool for each operator.</summary>
internal static class ServiceConfiguration
{
    /// <returns>The file.</returns>
    public static string Write(string folder, Uri url, int operators)
    {
        var (backends, pools) = (new JsonObject(), new JsonObject());
        var defaultPool = JsonSerializer.SerializeToNode(ConfigurationSnapshot.Default, ConfigurationJson.Storage)!["pools"]!["default"]!;
        foreach (var name in Enumerable.Range(1, operators).Select(Cluster.QuickPool).Append("default"))
        {
            backends[name] = new JsonObject { ["scheduler_settings"] = new JsonObject { ["scheduler_type"] = "default", ["scheduler_name"] = "default-scheduler" } };
            var pool = defaultPool.DeepClone();
            pool["backend"] = name;
            pools[name] = pool;
        }

        var file = Path.Combine(folder, "configuration.json");
        File.WriteAllText(file, new JsonObject
        {
            ["service"] = new JsonObject { ["service_base_url"] = url.ToString().TrimEnd('/') },
            ["workflow"] = new JsonObject
            {
                ["workflow_data"] = new JsonObject { ["credential"] = new JsonObject { ["endpoint"] = new Uri($"{folder}/task-data").AbsoluteUri } },
            },
            ["backends"] = backends,
            ["pools"] = pools,
        }.ToJsonString());
        return file;
    }
}
