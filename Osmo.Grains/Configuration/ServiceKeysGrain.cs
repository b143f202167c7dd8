using Orleans.Runtime;
using Osmo.Grains.Identity;
using Osmo.Grains.Interfaces;

namespace Osmo.Grains.Configuration;

/// <summary>Keys as stored, base64.</summary>
public sealed class StoredServiceKeys
{
    public string? TaskTokenKey { get; set; }

    public string? SigningKey { get; set; }
}

[GrainType("service-keys")]
public sealed class ServiceKeysGrain(
    [PersistentState("service-keys", GrainStorageNames.Documents)] IPersistentState<StoredServiceKeys> state,
    IIdentitySource identity) : Grain, IServiceKeysGrain
{
    public async Task<ServiceKeys> Get()
    {
        if (state.State is not { TaskTokenKey: not null, SigningKey: not null })
        {
            var keys = new StoredServiceKeys
            {
                TaskTokenKey = Convert.ToBase64String(identity.NewSecret(32)),
                SigningKey = Convert.ToBase64String(identity.NewSigningKey()),
            };
            await state.Replace(keys, this);
        }

        return new ServiceKeys(Convert.FromBase64String(state.State.TaskTokenKey!), Convert.FromBase64String(state.State.SigningKey!));
    }
}
