using System.Security.Cryptography;

namespace Osmo.Gateway.Workflows;

/// <summary>
/// Where the uuids of new workflows come from. They are drawn before the first call, so that a call that is made again is recognised.
/// </summary>
public interface IUuidSource
{
    /// <summary>32 lower-case hex digits.</summary>
    string NewUuid();
}

/// <summary>The operating system's source.</summary>
public sealed class RandomUuidSource : IUuidSource
{
    public string NewUuid() => RandomNumberGenerator.GetHexString(32, lowercase: true);
}
