namespace Osmo.Storage.Objects;

/// <summary>What an <c>s3://bucket[/prefix][?endpoint=…&amp;region=…]</c> names. <paramref name="Prefix"/> is empty or ends in '/'.</summary>
internal sealed record S3Address(string Bucket, string Prefix, string? Endpoint, string? Region)
{
    private const string Form = "Use 's3://bucket[/prefix][?endpoint=<http or https url>&region=<region>]'.";

    /// <summary>Throws <see cref="StorageConfigurationException"/>.</summary>
    public static S3Address Parse(string setting)
    {
        if (!Uri.TryCreate(setting, UriKind.Absolute, out var url) || url.Host.Length == 0)
        {
            throw new StorageConfigurationException($"Objects: '{setting}' names no bucket. {Form}");
        }
        string? endpoint = null;
        string? region = null;
        foreach (var option in url.Query.TrimStart('?').Split('&', StringSplitOptions.RemoveEmptyEntries))
        {
            var pair = option.Split('=', 2);
            var value = pair.Length > 1 ? Uri.UnescapeDataString(pair[1]) : "";
            switch (pair[0])
            {
                case "endpoint" when Uri.TryCreate(value, UriKind.Absolute, out var address) && address.Scheme is "http" or "https":
                    endpoint = value;
                    break;
                case "region" when value.Length > 0:
                    region = value;
                    break;
                default:
                    throw new StorageConfigurationException($"Objects: '{pair[0]}={value}' is not understood. {Form}");
            }
        }
        var prefix = Uri.UnescapeDataString(url.AbsolutePath).Trim('/');
        return new(url.Host, prefix.Length == 0 ? "" : ObjectKey.Checked(prefix) + "/", endpoint, region);
    }
}
