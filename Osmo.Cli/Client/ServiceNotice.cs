using System.Text;

namespace Osmo.Cli.Client;

/// <summary>What the service adds to an answer for the user to read (contract: cli §9, api-rest §5).</summary>
internal static class ServiceNotice
{
    private const string Header = "x-osmo-warning";

    /// <summary>The text; null when the answer carries none that can be read.</summary>
    public static string? Of(HttpResponseMessage response)
    {
        if (!response.Headers.TryGetValues(Header, out var values))
        {
            return null;
        }

        var encoded = string.Concat(values);
        var bytes = new byte[encoded.Length];
        return Convert.TryFromBase64String(encoded, bytes, out var length) ? Encoding.UTF8.GetString(bytes, 0, length) : null;
    }
}
