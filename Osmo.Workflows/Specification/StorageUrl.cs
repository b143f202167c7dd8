using System.Text.RegularExpressions;

namespace Osmo.Workflows.Specification;

/// <summary>URLs of object storage (contract: workflow-spec §6.5).</summary>
public static partial class StorageUrl
{
    public const string Allowed = "s3://bucket[/path], gs://bucket[/path], tos://host/bucket[/path], azure://account/container[/path] or swift://host/account/container[/path]";

    public static bool IsValid(string url) => Pattern().IsMatch(url);

    /// <summary>The text before <c>://</c>, or the whole text.</summary>
    public static string SchemeOf(string url) => url.IndexOf("://", StringComparison.Ordinal) is var end and > 0 ? url[..end] : url;

    public static bool IsKnownScheme(string scheme) => scheme is "s3" or "gs" or "tos" or "azure" or "swift";

    // A component is one or more characters other than / , ; * (tokens such as {{workflow_id}} fit).
    [GeneratedRegex(@"^(?:(?:s3|gs)://[^/,;*\s]+|(?:tos|azure)://[^/,;*\s]+(?:/[^/,;*]+)|swift://[^/,;*\s]+(?:/[^/,;*]+){2})(?:/[^,;*]*)?\z", RegexOptions.CultureInvariant)]
    internal static partial Regex Pattern();
}
