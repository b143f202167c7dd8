using Microsoft.Extensions.Options;
using Osmo.Workflows.Configuration;

namespace Osmo.Gateway.Conventions;

/// <summary>The public address that links in answers start with, without trailing slash.</summary>
internal sealed class BaseUrl(IOptions<GatewayOptions> options)
{
    public string Of(HttpContext context, ServiceConfig service)
    {
        var configured = string.IsNullOrEmpty(service.ServiceBaseUrl) ? options.Value.BaseUrl : service.ServiceBaseUrl;
        return (configured ?? $"{context.Request.Scheme}://{context.Request.Host}").TrimEnd('/');
    }
}
