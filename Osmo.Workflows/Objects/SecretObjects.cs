using System.Text;
using System.Text.Json.Nodes;

namespace Osmo.Workflows.Objects;

/// <summary>Kubernetes Secrets, their data always base64.</summary>
internal static class SecretObjects
{
    public static JsonObject Opaque(string name, JsonObject labels, IEnumerable<KeyValuePair<string, string>> base64ByKey)
    {
        var data = new JsonObject();
        foreach (var (key, value) in base64ByKey)
        {
            data[key] = value;
        }

        return new JsonObject
        {
            ["apiVersion"] = "v1",
            ["kind"] = "Secret",
            ["metadata"] = new JsonObject { ["name"] = name, ["labels"] = labels },
            ["data"] = data,
        };
    }

    public static JsonObject DockerConfig(string name, JsonObject labels, IEnumerable<Configuration.ImageCredential> credentials)
    {
        var registries = new JsonObject();
        foreach (var credential in credentials)
        {
            registries[DockerHost(credential.Registry)] = new JsonObject
            {
                ["username"] = credential.Username,
                ["password"] = credential.Auth.Reveal(),
                ["auth"] = Base64($"{credential.Username}:{credential.Auth.Reveal()}"),
            };
        }

        var config = new JsonObject { ["auths"] = registries }.ToJsonString();
        var secret = Opaque(name, labels, [new(".dockerconfigjson", Base64(config))]);
        secret["type"] = "kubernetes.io/dockerconfigjson";
        return secret;
    }

    public static string Base64(string text) => Convert.ToBase64String(Encoding.UTF8.GetBytes(text));

    /// <summary>Image pulls look Docker Hub up under its old index address, not under its API host.</summary>
    private static string DockerHost(string registry) =>
        registry is "" or "docker.io" or "registry-1.docker.io" ? "https://index.docker.io/v1/" : registry;
}
