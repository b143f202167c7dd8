using Microsoft.Extensions.Options;
using Osmo.Gateway.Conventions;
using Osmo.Grains.Interfaces;
using Osmo.Workflows.Configuration;

namespace Osmo.Gateway.Meta;

/// <summary>
/// The service configuration, at most <see cref="GatewayOptions.ConfigurationAgeMax"/> old. While reads fail the last good one serves.
/// </summary>
internal sealed partial class ConfigurationCache
{
    private readonly IGrainFactory _grains;
    private readonly ILogger _logger;
    private readonly CachedRead<Held> _cached;

    public ConfigurationCache(IGrainFactory grains, TimeProvider time, IOptions<GatewayOptions> options, ILogger<ConfigurationCache> logger)
    {
        (_grains, _logger) = (grains, logger);
        _cached = new(time, options.Value.ConfigurationAgeMax, Read);
    }

    public async ValueTask<ConfigurationModel> Get(CancellationToken cancellation) => (await _cached.Get(cancellation)).Model;

    private async Task<Held> Read(Held? before)
    {
        try
        {
            var document = await _grains.GetGrain<IConfigurationGrain>(IConfigurationGrain.Key).Get(before?.Version ?? -1);
            return document.Json is null && before is not null ? before : new(document.Version, ConfigurationModel.Build(ConfigurationSnapshot.OfStored(document.Json)));
        }
        catch (Exception e) when (before is not null)
        {
            LogKept(e, before.Version);
            return before;
        }
    }

    private sealed record Held(long Version, ConfigurationModel Model);
}
