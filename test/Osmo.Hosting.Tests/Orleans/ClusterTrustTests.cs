using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Orleans.Connections.Security;
using Osmo.Hosting.Engine;
using Osmo.Hosting.Settings;

namespace Osmo.Hosting.Tests.Orleans;

public sealed class ClusterTrustTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("osmo-trust-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public void Load_WithoutTls_IsNull() => Assert.Null(ClusterTrust.Load(new ClusterSettings()));

    [Fact]
    public void Apply_AcceptsWhomTheAuthoritySigned_AndNobodyElse()
    {
        var tls = new TlsOptions();
        using var authority = Authority("ours");
        using var strangers = Authority("theirs");

        ClusterTrust.Load(Settings("silo", authority, authority))!.Apply(tls);

        using var colleague = Signed("gateway", authority);
        using var stranger = Signed("gateway", strangers);
        Assert.True(tls.RemoteCertificateValidation(colleague, null, default));
        Assert.False(tls.RemoteCertificateValidation(stranger, null, default));
        Assert.Equal(RemoteCertificateMode.RequireCertificate, tls.RemoteCertificateMode);
        Assert.Equal(RemoteCertificateMode.RequireCertificate, tls.ClientCertificateMode);
    }

    [Fact]
    public void Load_WithACertificateOfAnotherAuthority_IsRefused()
    {
        using var authority = Authority("ours");
        using var strangers = Authority("theirs");

        var error = Assert.Throws<SettingsException>(() => ClusterTrust.Load(Settings("silo", signedBy: strangers, trusted: authority)));

        Assert.Contains("is not signed by", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Load_WithAFileThatIsNoCertificate_IsRefused()
    {
        using var authority = Authority("ours");
        var settings = Settings("silo", authority, authority);
        File.WriteAllText(settings.TlsCertificate!, "nothing");

        var error = Assert.Throws<SettingsException>(() => ClusterTrust.Load(settings));

        Assert.StartsWith("Osmo:Cluster: certificate, key or authority cannot be used", error.Message, StringComparison.Ordinal);
    }

    private ClusterSettings Settings(string name, X509Certificate2 signedBy, X509Certificate2 trusted)
    {
        using var own = Signed(name, signedBy);
        return new ClusterSettings
        {
            TlsCertificate = Write("own.pem", own.ExportCertificatePem()),
            TlsKey = Write("key.pem", own.GetECDsaPrivateKey()!.ExportPkcs8PrivateKeyPem()),
            TlsAuthority = Write("authority.pem", trusted.ExportCertificatePem()),
        };
    }

    private string Write(string file, string text)
    {
        var path = Path.Combine(_folder, file);
        File.WriteAllText(path, text);
        return path;
    }

    private static X509Certificate2 Authority(string name)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest($"CN={name}", key, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(certificateAuthority: true, false, 0, critical: true));
        return request.CreateSelfSigned(DateTimeOffset.UtcNow.AddDays(-1), DateTimeOffset.UtcNow.AddDays(1));
    }

    private static X509Certificate2 Signed(string name, X509Certificate2 authority)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest($"CN={name}", key, HashAlgorithmName.SHA256);
        using var certificate = request.Create(authority, DateTimeOffset.UtcNow.AddHours(-1), DateTimeOffset.UtcNow.AddHours(1), Guid.NewGuid().ToByteArray());
        return certificate.CopyWithPrivateKey(key);
    }
}
