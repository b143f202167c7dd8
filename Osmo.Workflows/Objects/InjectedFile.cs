using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;
using Osmo.Workflows.Specification;

namespace Osmo.Workflows.Objects;

/// <summary>
/// A file that reaches a container through a Secret of its own (contract: runtime-protocol §2.1). Equal content under an equal basename is
/// one Secret, and one volume in a pod however many paths mount it.
/// </summary>
internal sealed record InjectedFile
{
    private InjectedFile(string path, string base64, string digestOf, string groupUuid)
    {
        Path = path;
        Base64 = base64;
        Name = ObjectNames.FileSecret(groupUuid, Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(digestOf))));
    }

    public string Path { get; }

    public string Base64 { get; }

    /// <summary>Of the Secret and of the volume.</summary>
    public string Name { get; }

    public string Basename => Path[(Path.LastIndexOf('/') + 1)..];

    /// <summary>Named by its content.</summary>
    public static InjectedFile OfText(string path, string text, string groupUuid) => OfBase64(path, SecretObjects.Base64(text), groupUuid);

    public static InjectedFile OfSpec(FileSpec file, string groupUuid) =>
        file.Base64 ? OfBase64(file.Path, file.Contents, groupUuid) : OfText(file.Path, file.Contents, groupUuid);

    /// <summary>Named by <paramref name="key"/>, so that its name does not change with its content.</summary>
    public static InjectedFile Stable(string path, string text, string key, string groupUuid) =>
        new(path, SecretObjects.Base64(text), $"custom-{key}", groupUuid);

    public JsonObject Secret(JsonObject labels) => SecretObjects.Opaque(Name, labels, [new(Basename, Base64)]);

    public JsonObject Volume() => new() { ["name"] = Name, ["secret"] = new JsonObject { ["secretName"] = Name } };

    public JsonObject Mount() => new() { ["name"] = Name, ["mountPath"] = Path, ["subPath"] = Basename };

    private static InjectedFile OfBase64(string path, string base64, string groupUuid)
    {
        var basename = path[(path.LastIndexOf('/') + 1)..];
        return new InjectedFile(path, base64, $"content-{base64}{basename}", groupUuid);
    }
}
