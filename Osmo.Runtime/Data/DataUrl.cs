namespace Osmo.Runtime.Data;

/// <summary>A place for data (contract: runtime-protocol §17.1), and our own <c>file:///folder</c> for one machine.</summary>
internal abstract record DataUrl(string Text)
{
    /// <summary>A folder of this machine.</summary>
    public sealed record Folder(string Text, string Path) : DataUrl(Text);

    /// <summary>A bucket with the S3 API.</summary>
    /// <param name="Profile">Key of the credentials.</param>
    /// <param name="Endpoint">Null means AWS.</param>
    /// <param name="Prefix">Without slashes at the ends; may be empty.</param>
    /// <param name="AllowsAmbientCredentials">Whether the SDK's own chain is asked when there are no credentials.</param>
    public sealed record Bucket(
        string Text, string Profile, string? Endpoint, string DefaultRegion, string Name, string Prefix, bool AllowsAmbientCredentials)
        : DataUrl(Text);

    /// <exception cref="DataTransferException">Says what is allowed.</exception>
    public static DataUrl Parse(string text)
    {
        var end = text.IndexOf("://", StringComparison.Ordinal);
        var scheme = end < 0 ? "" : text[..end];
        var parts = end < 0 ? [] : text[(end + 3)..].Split('/', StringSplitOptions.RemoveEmptyEntries);
        return scheme switch
        {
            "file" => text.StartsWith("file:///", StringComparison.Ordinal) && parts.Length > 0
                ? new Folder(text, "/" + string.Join('/', parts))
                : throw Bad(text, "file:///<folder>"),
            "s3" => parts.Length > 0
                ? new Bucket(text, $"s3://{parts[0]}", null, "us-east-1", parts[0], Rest(parts, 1), true)
                : throw Bad(text, "s3://<bucket>[/<path>]"),
            "gs" => parts.Length > 0
                ? new Bucket(text, $"gs://{parts[0]}", "https://storage.googleapis.com", "us-east1", parts[0], Rest(parts, 1), false)
                : throw Bad(text, "gs://<bucket>[/<path>]"),
            "swift" => parts.Length > 2
                ? new Bucket(text, $"swift://{parts[0]}/{parts[1]}", $"https://{parts[0]}", "us-east-1", parts[2], Rest(parts, 3), false)
                : throw Bad(text, "swift://<host>/<namespace>/<container>[/<path>]"),
            "tos" => parts.Length > 1
                ? new Bucket(
                    text, $"tos://{parts[0]}/{parts[1]}", $"https://{parts[0]}", TosRegion(parts[0]), parts[1], Rest(parts, 2), false)
                : throw Bad(text, "tos://<host>/<bucket>[/<path>]"),
            _ => throw new DataTransferException(
                $"'{text}' cannot be reached by this runtime: allowed are file, s3, gs, swift and tos URLs."),
        };
    }

    private static string Rest(string[] parts, int from) => string.Join('/', parts[from..]);

    private static string TosRegion(string host)
    {
        const string Start = "tos-s3-";
        var label = host.Split('.')[0];
        return label.StartsWith(Start, StringComparison.Ordinal) ? label[Start.Length..] : "us-east-1";
    }

    private static DataTransferException Bad(string text, string form) => new($"'{text}' is not of the form {form}.");
}
