using System.Security.Cryptography;

namespace Osmo.Grains.Identity;

/// <summary>Where grains get new identities and secrets from, so that a run can be repeated exactly.</summary>
public interface IIdentitySource
{
    /// <summary>32 lower-case hex digits.</summary>
    string NewUuid();

    byte[] NewSecret(int bytes);

    /// <summary>PKCS#8 of a new 2048-bit RSA key.</summary>
    byte[] NewSigningKey();
}

/// <summary>The operating system's source.</summary>
public sealed class RandomIdentitySource : IIdentitySource
{
    public string NewUuid() => RandomNumberGenerator.GetHexString(32, lowercase: true);

    public byte[] NewSecret(int bytes) => RandomNumberGenerator.GetBytes(bytes);

    public byte[] NewSigningKey()
    {
        using var key = RSA.Create(2048);
        return key.ExportPkcs8PrivateKey();
    }
}
