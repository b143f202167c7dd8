using System.Text.Json.Nodes;

namespace Osmo.Workflows.Objects;

/// <summary>Small pieces of pod manifests.</summary>
internal static class PodJson
{
    public static JsonArray Texts(IEnumerable<string> texts) => new([.. texts.Select(text => JsonValue.Create(text))]);

    public static JsonObject Mount(string volume, string path, string? subPath = null, bool readOnly = false)
    {
        var mount = new JsonObject { ["name"] = volume, ["mountPath"] = path };
        if (subPath is not null)
        {
            mount["subPath"] = subPath;
        }

        if (readOnly)
        {
            mount["readOnly"] = true;
        }

        return mount;
    }

    public static JsonObject Env(string name, string value) => new() { ["name"] = name, ["value"] = value };

    public static JsonObject EnvFromSecret(string name, string secret, string key) => new()
    {
        ["name"] = name,
        ["valueFrom"] = new JsonObject { ["secretKeyRef"] = new JsonObject { ["name"] = secret, ["key"] = key } },
    };

    /// <summary>Where <c>osmo</c> inside the container finds its login.</summary>
    public static JsonObject ConfigDirectory(string groupUuid) =>
        EnvFromSecret("OSMO_CONFIG_FILE_DIR", ObjectNames.FileDirectorySecret(groupUuid), "fileDir");
}
