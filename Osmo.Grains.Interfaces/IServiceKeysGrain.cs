namespace Osmo.Grains.Interfaces;

/// <summary>Keys made once for a deployment; the only key is <see cref="Key"/>.</summary>
[Alias("osmo.IServiceKeysGrain")]
public interface IServiceKeysGrain : IGrainWithStringKey
{
    const string Key = "service-keys";

    [Alias("Get")]
    Task<ServiceKeys> Get();
}

/// <param name="TaskTokenKey">Key (32 bytes) from which the refresh token of every task is derived, so that none needs to be stored.</param>
/// <param name="SigningKey">PKCS#8 of the RSA key that signs the tokens this service issues.</param>
[GenerateSerializer, Immutable, Alias("osmo.ServiceKeys")]
public sealed record ServiceKeys(ReadOnlyMemory<byte> TaskTokenKey, ReadOnlyMemory<byte> SigningKey)
{
    public override string ToString() => nameof(ServiceKeys);
}
