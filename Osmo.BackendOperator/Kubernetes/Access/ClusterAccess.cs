using System.Security.Cryptography.X509Certificates;

namespace Osmo.BackendOperator.Kubernetes.Access;

/// <summary>Where an API server is, how it is recognised, and how the operator proves who it is.</summary>
public sealed record ClusterAccess
{
    /// <summary><c>https://host:port</c>, with a path when the server stands behind one.</summary>
    public required Uri Server { get; init; }

    /// <summary>Who may have signed the server's certificate; empty for those the machine trusts.</summary>
    public X509Certificate2Collection Authorities { get; init; } = [];

    /// <summary>The name in the server's certificate, when it is not the host's.</summary>
    public string? TlsServerName { get; init; }

    /// <summary>Any certificate will do. For development clusters.</summary>
    public bool SkipsTlsVerification { get; init; }

    public X509Certificate2? ClientCertificate { get; init; }

    public BearerTokens? Tokens { get; init; }

    /// <summary>The namespace that the source of these data prefers; null when it says nothing.</summary>
    public string? Namespace { get; init; }
}

/// <summary>The access data cannot be used; the message names the source, what is wrong and what is expected.</summary>
public sealed class ClusterAccessException(string message, Exception? inner = null) : Exception(message, inner);
