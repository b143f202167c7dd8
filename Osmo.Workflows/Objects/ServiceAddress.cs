namespace Osmo.Workflows.Objects;

/// <summary>
/// Where the runtime of a task finds the service, from <c>service_base_url</c>; any path in it is dropped (contract: runtime-protocol
/// §3.1).
/// </summary>
internal sealed record ServiceAddress(string BaseUrl, string Host, int Port, bool IsSecure)
{
    public string HttpScheme => IsSecure ? "https" : "http";

    public string WebSocketScheme => IsSecure ? "wss" : "ws";

    public static ServiceAddress Parse(string baseUrl)
    {
        if (!Uri.TryCreate(baseUrl, UriKind.Absolute, out var url) || (url.Scheme != Uri.UriSchemeHttp && url.Scheme != Uri.UriSchemeHttps))
        {
            throw new GroupBuildException(
                $"service_base_url is '{baseUrl}'; set it to the http or https URL under which tasks reach this service.");
        }

        return new ServiceAddress(baseUrl.TrimEnd('/'), url.Host, url.Port, url.Scheme == Uri.UriSchemeHttps);
    }
}
