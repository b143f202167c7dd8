using System.Net;

namespace Osmo.Gateway.Identity;

/// <summary>
/// Tells requests that a page of another site had a browser send. A listener on loopback keeps other machines out, but not the pages that
/// are open on this one: they may post to it, connect a WebSocket to it, or give its address to a name of their own. Programs other than
/// browsers send neither <c>Origin</c> nor <c>Sec-Fetch-Site</c>.
/// </summary>
internal static class CrossSite
{
    private const string FetchSiteHeader = "Sec-Fetch-Site";

    /// <summary>Why the request is not taken; null when it is.</summary>
    /// <param name="tunnelHosts">Names, besides those of loopback, under which this gateway is known at the far end of a tunnel.</param>
    public static string? Complaint(HttpRequest request, IEnumerable<string> tunnelHosts)
    {
        if (!IsLoopback(request.Host.Host) && !tunnelHosts.Contains(request.Host.Host, StringComparer.OrdinalIgnoreCase))
        {
            return $"Host is '{request.Host}'; while no authentication is configured it must be 127.0.0.1, [::1] or localhost.";
        }

        var origin = request.Headers.Origin;
        if (origin.Count > 0 && !IsSame(origin.ToString(), request))
        {
            return $"Origin is '{origin}'; while no authentication is configured only pages of {request.Host} may send requests.";
        }

        return request.Headers[FetchSiteHeader].ToString().Equals("cross-site", StringComparison.OrdinalIgnoreCase)
            ? $"{FetchSiteHeader} is 'cross-site'; while no authentication is configured only pages of {request.Host} may send requests."
            : null;
    }

    /// <param name="host">Without port; an IPv6 address may be in brackets.</param>
    public static bool IsLoopback(string host) =>
        host.Equals("localhost", StringComparison.OrdinalIgnoreCase)
        || (IPAddress.TryParse(host.Trim('[', ']'), out var address) && IPAddress.IsLoopback(address));

    private static bool IsSame(string origin, HttpRequest request) =>
        Uri.TryCreate(origin, UriKind.Absolute, out var page)
        && Uri.TryCreate($"{request.Scheme}://{request.Host}", UriKind.Absolute, out var here)
        && page.Host.Equals(here.Host, StringComparison.OrdinalIgnoreCase)
        && page.Port == here.Port;
}
