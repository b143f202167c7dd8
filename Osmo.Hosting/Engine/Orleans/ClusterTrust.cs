using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Orleans.Connections.Security;
using Osmo.Hosting.Settings;

namespace Osmo.Hosting.Engine;

/// <summary>
/// Both ends of every connection show a certificate that the cluster's own authority has signed. Names are not compared: silos are reached by addresses that come and
/// go, and the authority signs for nobody else.
/// </summary>
internal sealed class ClusterTrust
{
    private readonly X509Certificate2 _own;
    private readonly X509Certificate2Collection _authorities;

    private ClusterTrust(X509Certificate2 own, X509Certificate2Collection authorities) => (_own, _authorities) = (own, authorities);

    /// <summary>Null when TLS is not configured.</summary>
    /// <exception cref="SettingsException">A file cannot be read, or they do not belong together.</exception>
    public static ClusterTrust? Load(ClusterSettings cluster)
    {
        if (!cluster.UsesTls)
        {
            return null;
        }

        try
        {
            var own = X509Certificate2.CreateFromPemFile(cluster.TlsCertificate!, cluster.TlsKey);
            var authorities = new X509Certificate2Collection();
            authorities.ImportFromPemFile(cluster.TlsAuthority!);
            var trust = new ClusterTrust(own, authorities);
            return trust.IsTrusted(own)
                ? trust
                : throw new SettingsException(
                    $"{ClusterSettings.Section}:{nameof(cluster.TlsCertificate)} ({cluster.TlsCertificate}) is not signed by "
                    + $"{nameof(cluster.TlsAuthority)} ({cluster.TlsAuthority}), or is not valid now.");
        }
        catch (Exception error) when (error is CryptographicException or IOException or UnauthorizedAccessException or ArgumentException)
        {
            throw new SettingsException($"{ClusterSettings.Section}: certificate, key or authority cannot be used: {error.Message}", error);
        }
    }

    public void Apply(TlsOptions tls)
    {
        tls.LocalCertificate = _own;
        tls.RemoteCertificateMode = RemoteCertificateMode.RequireCertificate;
        tls.ClientCertificateMode = RemoteCertificateMode.RequireCertificate;
        tls.RemoteCertificateValidation = (certificate, _, _) => IsTrusted(certificate);
    }

    private bool IsTrusted(X509Certificate2 certificate)
    {
        using var chain = new X509Chain();
        chain.ChainPolicy.TrustMode = X509ChainTrustMode.CustomRootTrust;
        chain.ChainPolicy.CustomTrustStore.AddRange(_authorities);
        chain.ChainPolicy.RevocationMode = X509RevocationMode.NoCheck;
        return chain.Build(certificate);
    }
}
