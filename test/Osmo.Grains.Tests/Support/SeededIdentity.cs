using System.Security.Cryptography;
using System.Text;
using Osmo.Grains.Identity;

namespace Osmo.Grains.Tests.Support;

/// <summary>The same seed gives the same identities in the same order.</summary>
internal sealed class SeededIdentity(int seed) : IIdentitySource
{
    private int _drawn;

    public string NewUuid() => Convert.ToHexStringLower(NewSecret(16));

    public byte[] NewSecret(int bytes) => SHA256.HashData(Encoding.UTF8.GetBytes($"{seed}/{Interlocked.Increment(ref _drawn)}"))[..bytes];

    /// <summary>Not a key: grains only keep it.</summary>
    public byte[] NewSigningKey() => NewSecret(32);
}
