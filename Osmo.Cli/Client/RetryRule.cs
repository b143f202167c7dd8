using System.Net;

namespace Osmo.Cli.Client;

/// <summary>
/// Which failed requests are sent again (contract: cli §8): connections that were never made, always; broken answers and
/// "come back later", only for requests that can be repeated without harm.
/// </summary>
internal static class RetryRule
{
    /// <summary>A service that asks for more patience than this gets its refusal shown instead.</summary>
    public static readonly TimeSpan PauseMax = TimeSpan.FromSeconds(60);

    public static bool Allows(HttpMethod method, HttpRequestException error) => error.HttpRequestError switch
    {
        HttpRequestError.ConnectionError => true,
        HttpRequestError.ResponseEnded or HttpRequestError.Unknown => IsRepeatable(method),
        _ => false,
    };

    /// <summary>How long to wait before the request is sent again; null to give up.</summary>
    public static TimeSpan? PauseAfter(HttpResponseMessage response, TimeProvider time)
    {
        var refused = response.StatusCode
            is HttpStatusCode.RequestEntityTooLarge or HttpStatusCode.TooManyRequests or HttpStatusCode.ServiceUnavailable;
        if (!refused || !IsRepeatable(response.RequestMessage!.Method))
        {
            return null;
        }

        var pause = response.Headers.RetryAfter switch
        {
            { Delta: { } delta } => delta,
            { Date: { } date } => date - time.GetUtcNow(),
            _ => (TimeSpan?)null,
        };
        return pause switch
        {
            null => null,
            { } told when told > PauseMax => null,
            { } told => told < TimeSpan.Zero ? TimeSpan.Zero : told,
        };
    }

    private static bool IsRepeatable(HttpMethod method) =>
        method == HttpMethod.Get || method == HttpMethod.Put || method == HttpMethod.Delete;
}
