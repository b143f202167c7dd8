using YamlDotNet.Core;
using YamlDotNet.RepresentationModel;

namespace Osmo.Runtime.Data;

/// <summary>How to reach one profile (contract: runtime-protocol §17.2, §18). Without keys, the SDK's own chain is asked.</summary>
/// <param name="AddressingStyle"><c>virtual</c>, <c>path</c>, <c>auto</c> or null.</param>
internal sealed record DataCredentials(string? AccessKeyId, string? AccessKey, string? Region, string? OverrideUrl, string? AddressingStyle)
{
    /// <summary>The entry <c>auth.data.&lt;profile&gt;</c> of a config file; all null when there is no file or no entry.</summary>
    /// <exception cref="DataTransferException">The file is not readable or not YAML.</exception>
    public static DataCredentials Find(string file, string profile) => Entry(file, profile) is { } entry
        ? new DataCredentials(
            Text(entry, "access_key_id"),
            Text(entry, "access_key"),
            Text(entry, "region"),
            Text(entry, "override_url"),
            Text(entry, "addressing_style"))
        : new DataCredentials(null, null, null, null, null);

    /// <summary>Without the secret.</summary>
    public override string ToString() => $"credentials {AccessKeyId ?? "of the environment"}";

    private static YamlMappingNode? Entry(string file, string profile)
    {
        if (!File.Exists(file))
            return null;
        try
        {
            using var reader = File.OpenText(file);
            var yaml = new YamlStream();
            yaml.Load(reader);
            var root = yaml.Documents.Count > 0 ? yaml.Documents[0].RootNode : null;
            return Child(Child(Child(root, "auth"), "data"), profile) as YamlMappingNode;
        }
        catch (Exception exception) when (exception is YamlException or IOException or UnauthorizedAccessException)
        {
            throw new DataTransferException($"Credentials file '{file}' cannot be read: {exception.Message}", exception);
        }
    }

    private static YamlNode? Child(YamlNode? node, string key) =>
        node is YamlMappingNode mapping && mapping.Children.TryGetValue(new YamlScalarNode(key), out var child) ? child : null;

    private static string? Text(YamlMappingNode entry, string key) =>
        Child(entry, key) is YamlScalarNode { Value.Length: > 0 } scalar ? scalar.Value : null;
}
