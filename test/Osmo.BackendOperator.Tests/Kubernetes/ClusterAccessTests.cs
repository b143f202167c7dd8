using System.Net;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Osmo.BackendOperator.Cluster;
using Osmo.BackendOperator.Kubernetes;
using Osmo.BackendOperator.Kubernetes.Access;
using Osmo.BackendOperator.Kubernetes.Api;
using Osmo.Testing.Kubernetes;

namespace Osmo.BackendOperator.Tests.Kubernetes;

/// <summary>Every way to prove who one is, over TLS with the cluster's own authority.</summary>
public sealed class ClusterAccessTests : IAsyncLifetime
{
    private readonly string _directory = Directory.CreateTempSubdirectory("osmo-kubeconfig").FullName;
    private readonly TestAuthority _authority = new();
    private readonly X509Certificate2 _client;
    private volatile string _validToken = "token-1";
    private FakeKubernetes _server = null!;

    public ClusterAccessTests() => _client = _authority.Issue("operator");

    public async Task InitializeAsync()
    {
        _server = await FakeKubernetes.StartAsync(new FakeKubernetesOptions
        {
            Certificate = _authority.Issue("127.0.0.1"),
            Authenticate = (token, certificate) => token == _validToken || certificate?.Thumbprint == _client.Thumbprint,
        });
        await File.WriteAllTextAsync(PathOf("ca.crt"), _authority.Pem);
        await File.WriteAllTextAsync(PathOf("token"), "token-1\n");
    }

    public async Task DisposeAsync()
    {
        await _server.DisposeAsync();
        Directory.Delete(_directory, recursive: true);
    }

    [Fact]
    public async Task ClientCertificate_InTheFileOrBesideIt_IsShown()
    {
        await File.WriteAllTextAsync(PathOf("client.crt"), _client.ExportCertificatePem());
        await File.WriteAllTextAsync(PathOf("client.key"), _client.GetECDsaPrivateKey()!.ExportPkcs8PrivateKeyPem());

        await AssertWelcome("client-certificate: client.crt\n    client-key: client.key");
        await AssertWelcome($"client-certificate-data: {Base64("client.crt")}\n    client-key-data: {Base64("client.key")}");
    }

    [Fact]
    public async Task Token_InTheFile_IsSent() => await AssertWelcome("token: token-1");

    [Fact]
    public async Task TokenFile_ThatIsReplaced_IsReadAgainWhenItIsRefused()
    {
        using var cluster = Connect("tokenFile: token");
        Assert.IsType<ApiResult<string>.Ok>(await cluster.GetClusterUidAsync(default));

        await File.WriteAllTextAsync(PathOf("token"), "token-2");
        _validToken = "token-2";

        Assert.IsType<ApiResult<string>.Ok>(await cluster.GetClusterUidAsync(default));
    }

    [Fact]
    public async Task ExecPlugin_PrintsToken_IsAskedAgainWhenItIsRefused()
    {
        var calls = PathOf("calls");
        var exec = $$"""
            exec:
                  apiVersion: client.authentication.k8s.io/v1
                  command: /bin/sh
                  args: ["-c", "echo $KUBERNETES_EXEC_INFO >> {{calls}}; echo '{\"apiVersion\": \"client.authentication.k8s.io/v1\", \"kind\": \"ExecCredential\", \"status\": {\"token\": \"'$PREFIX$(wc -l < {{calls}} | tr -d ' ')'\"} }'"]
                  env: [{name: PREFIX, value: token-}]
            """;
        using var cluster = Connect(exec);
        Assert.IsType<ApiResult<string>.Ok>(await cluster.GetClusterUidAsync(default));
        Assert.IsType<ApiResult<string>.Ok>(await cluster.GetClusterUidAsync(default));
        Assert.Contains("ExecCredential", Assert.Single(await File.ReadAllLinesAsync(calls)), StringComparison.Ordinal);

        _validToken = "token-2";

        Assert.IsType<ApiResult<string>.Ok>(await cluster.GetClusterUidAsync(default));
    }

    [Theory]
    [InlineData("echo nothing", "no ExecCredential")]
    [InlineData("echo '{}'", "no status.token")]
    [InlineData("echo no >&2; exit 3", "exit code 3: no")]
    public async Task ExecPlugin_ThatFails_SaysHow(string script, string expected)
    {
        using var cluster = Connect($"exec: {{command: /bin/sh, args: ['-c', \"{script.Replace("\"", "\\\"", StringComparison.Ordinal)}\"]}}");

        var error = Assert.IsType<ApiResult<string>.Failed>(await cluster.GetClusterUidAsync(default)).Error;

        Assert.Equal(ApiFailure.Unreachable, error.Failure);
        Assert.Contains(expected, error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Stranger_IsRefused()
    {
        using var cluster = Connect("token: wrong");

        Assert.Equal(ApiFailure.Forbidden, Assert.IsType<ApiResult<string>.Failed>(await cluster.GetClusterUidAsync(default)).Error.Failure);
    }

    [Fact]
    public async Task Server_OfAnotherAuthority_IsNotTrusted()
    {
        await File.WriteAllTextAsync(PathOf("ca.crt"), new TestAuthority().Pem);
        using var cluster = Connect("token: token-1");
        Assert.Equal(ApiFailure.Unreachable, Assert.IsType<ApiResult<string>.Failed>(await cluster.GetClusterUidAsync(default)).Error.Failure);

        using var careless = Connect("token: token-1", "insecure-skip-tls-verify: true");
        Assert.IsType<ApiResult<string>.Ok>(await careless.GetClusterUidAsync(default));
    }

    [Fact]
    public async Task InCluster_ServiceAccount_IsUsed()
    {
        await File.WriteAllTextAsync(PathOf("namespace"), "operators\n");
        string? Environment(string name) => name switch
        {
            "KUBERNETES_SERVICE_HOST" => _server.Url.Host,
            "KUBERNETES_SERVICE_PORT" => _server.Url.Port.ToString(),
            _ => null,
        };

        var access = InClusterAccess.Read(Environment, _directory, TimeProvider.System);
        using var cluster = new KubernetesCluster(access, new ApiClientOptions(), TimeProvider.System);

        Assert.Equal("operators", access.Namespace);
        Assert.IsType<ApiResult<string>.Ok>(await cluster.GetClusterUidAsync(default));
    }

    [Fact]
    public void InCluster_Elsewhere_SaysWhatIsMissing()
    {
        var error = Assert.Throws<ClusterAccessException>(() => InClusterAccess.Read(_ => null, "/nowhere", TimeProvider.System));

        Assert.Contains("KUBERNETES_SERVICE_HOST", error.Message, StringComparison.Ordinal);
        Assert.Contains("kubeconfig", error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("", null, "empty")]
    [InlineData("clusters: [", null, "line")]
    [InlineData("{}", null, "current-context")]
    [InlineData("{}", "there", "no context 'there'")]
    [InlineData("contexts: [{name: a, context: {cluster: c}}]", "a", "cluster 'c'")]
    [InlineData("{contexts: [{name: a, context: {cluster: c}}], clusters: [{name: c, cluster: {server: nowhere}}]}", "a", "server is 'nowhere'")]
    [InlineData("{contexts: [{name: a, context: {cluster: c, user: u}}], clusters: [{name: c, cluster: {server: 'https://x'}}]}", "a", "user 'u'")]
    [InlineData("{contexts: [{name: a, context: {cluster: c}}], clusters: [{name: c, cluster: {server: 'https://x', certificate-authority: gone.crt}}]}", "a", "certificate-authority")]
    [InlineData("{contexts: [{name: a, context: {cluster: c}}], clusters: [{name: c, cluster: {server: 'https://x', certificate-authority-data: '%%'}}]}", "a", "certificate-authority-data")]
    [InlineData("{contexts: [{name: a, context: {cluster: c, user: u}}], clusters: [{name: c, cluster: {server: 'https://x'}}], users: [{name: u, user: {client-certificate-data: YQ==}}]}", "a", "client-key")]
    [InlineData("{contexts: [{name: a, context: {cluster: c, user: u}}], clusters: [{name: c, cluster: {server: 'https://x'}}], users: [{name: u, user: {auth-provider: {name: gcp}}}]}", "a", "auth-provider")]
    public async Task KubeConfig_ThatCannotBeUsed_SaysWhy(string text, string? context, string expected)
    {
        await File.WriteAllTextAsync(PathOf("config"), text);

        var error = Assert.Throws<ClusterAccessException>(() => KubeConfigFile.Read(PathOf("config"), context, TimeProvider.System));

        Assert.Contains(PathOf("config"), error.Message, StringComparison.Ordinal);
        Assert.Contains(expected, error.Message, StringComparison.Ordinal);
    }

    private async Task AssertWelcome(string user)
    {
        using var cluster = Connect(user);
        Assert.IsType<ApiResult<string>.Ok>(await cluster.GetClusterUidAsync(default));
    }

    private KubernetesCluster Connect(string user, string trust = "certificate-authority: ca.crt")
    {
        File.WriteAllText(PathOf("config"), $$"""
            apiVersion: v1
            kind: Config
            current-context: here
            contexts:
            - name: here
              context: {cluster: c, user: u, namespace: osmo}
            clusters:
            - name: c
              cluster: {server: "{{_server.Url}}", {{trust}} }
            users:
            - name: u
              user:
                {{user}}
            """);
        var access = KubeConfigFile.Read(PathOf("config"), null, TimeProvider.System);
        Assert.Equal("osmo", access.Namespace);
        return new KubernetesCluster(access, new ApiClientOptions { RetryPause = TimeSpan.FromMilliseconds(1) }, TimeProvider.System);
    }

    private string PathOf(string file) => Path.Combine(_directory, file);

    private string Base64(string file) => Convert.ToBase64String(File.ReadAllBytes(PathOf(file)));
}

/// <summary>A certificate authority of its own.</summary>
internal sealed class TestAuthority
{
    private static readonly DateTimeOffset From = DateTimeOffset.UtcNow.AddDays(-1);

    private readonly X509Certificate2 _certificate;

    public TestAuthority()
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest("CN=test authority", key, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(true, false, 0, true));
        _certificate = request.CreateSelfSigned(From, From.AddDays(10));
    }

    public string Pem => _certificate.ExportCertificatePem();

    public X509Certificate2 Issue(string name)
    {
        var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest($"CN={name}", key, HashAlgorithmName.SHA256);
        var names = new SubjectAlternativeNameBuilder();
        if (IPAddress.TryParse(name, out var address))
        {
            names.AddIpAddress(address);
        }
        else
        {
            names.AddDnsName(name);
        }

        request.CertificateExtensions.Add(names.Build());
        return request.Create(_certificate, From, From.AddDays(5), RandomNumberGenerator.GetBytes(8)).CopyWithPrivateKey(key);
    }
}
