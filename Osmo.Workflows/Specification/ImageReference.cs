using System.Diagnostics.CodeAnalysis;
using System.Text.RegularExpressions;

namespace Osmo.Workflows.Specification;

/// <summary>
/// A container image reference <c>[host[:port]/]path[:tag][@digest]</c> with its defaults filled in: Docker Hub, <c>library/</c>,
/// <c>latest</c> (contract: workflow-spec §8.5).
/// </summary>
/// <param name="Host">Registry with its port.</param>
/// <param name="Path">Repository.</param>
/// <param name="Tag">Null when only a digest was given.</param>
/// <param name="Digest"><c>algorithm:hex</c>, or null.</param>
public sealed partial record ImageReference(string Host, string Path, string? Tag, string? Digest)
{
    public const string DockerHub = "registry-1.docker.io";

    public bool IsPinned => Digest is not null;

    /// <summary>Whether a registry scope (<c>host[:port][/path]</c>) covers the image, by whole path segments.</summary>
    public bool IsWithin(string scope)
    {
        var full = $"{Host}/{Path}";
        var prefix = scope.TrimEnd('/');
        return full == prefix || full.StartsWith(prefix + "/", StringComparison.Ordinal);
    }

    public static bool TryParse(string image, [NotNullWhen(true)] out ImageReference? reference)
    {
        var match = Pattern().Match(image);
        if (!match.Success)
        {
            reference = null;
            return false;
        }

        string? Part(string name) => match.Groups[name] is { Success: true } part ? part.Value : null;

        var host = Part("host") is "docker.io" or "index.docker.io" ? null : Part("host");
        var path = match.Groups["path"].Value;
        var digest = Part("digest");
        reference = new ImageReference(
            host ?? DockerHub,
            host is null && !path.Contains('/', StringComparison.Ordinal) ? "library/" + path : path,
            Part("tag") ?? (digest is null ? "latest" : null),
            digest);
        return true;
    }

    // The host is a dotted name, an IPv4 address, localhost, or any name before ":port/".
    [GeneratedRegex(
        @"^(?:(?<host>(?:localhost|[0-9a-zA-Z](?:[0-9a-zA-Z-]*[0-9a-zA-Z])?(?:\.[0-9a-zA-Z](?:[0-9a-zA-Z-]*[0-9a-zA-Z])?)+)(?::[0-9]{1,5})?|[0-9a-zA-Z](?:[0-9a-zA-Z-]*[0-9a-zA-Z])?:[0-9]{1,5})/)?" +
        @"(?<path>[0-9a-z](?:[0-9a-z_.-]*[0-9a-z])?(?:/[0-9a-z](?:[0-9a-z_.-]*[0-9a-z])?)*)(?::(?<tag>[a-zA-Z0-9_][a-zA-Z0-9._-]*))?(?:@(?<digest>[a-zA-Z0-9]+:[0-9a-fA-F]+))?\z",
        RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture)]
    private static partial Regex Pattern();
}
