namespace Osmo.Workflows.Objects;

/// <summary>The part of a storage URL that credentials are looked up by (contract: runtime-protocol §17.1).</summary>
public static class StorageProfile
{
    /// <summary>Null for a scheme that needs no credential, such as <c>file</c>, and for what is no storage URL.</summary>
    public static string? Of(string url)
    {
        var separator = url.IndexOf("://", StringComparison.Ordinal);
        if (separator < 0)
        {
            return null;
        }

        var scheme = url[..separator];
        var parts = url[(separator + 3)..].Split('/', StringSplitOptions.RemoveEmptyEntries);
        var length = scheme switch
        {
            "s3" or "gs" or "azure" => 1,
            "swift" or "tos" => 2,
            _ => 0,
        };
        return length == 0 || parts.Length < length ? null : $"{scheme}://{string.Join('/', parts[..length])}";
    }
}
