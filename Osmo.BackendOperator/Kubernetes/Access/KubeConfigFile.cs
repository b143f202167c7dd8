using System.Collections.Immutable;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using YamlDotNet.Core;
using YamlDotNet.Serialization;
using YamlDotNet.Serialization.NamingConventions;

namespace Osmo.BackendOperator.Kubernetes.Access;

/// <summary>Access by a kubeconfig file as kubectl reads it: client certificate, token, token file or exec plugin.</summary>
public static class KubeConfigFile
{
    /// <param name="context">Null for the file's current one.</param>
    /// <exception cref="ClusterAccessException">The file, or something it refers to, cannot be used.</exception>
    public static ClusterAccess Read(string path, string? context, TimeProvider time)
    {
        var config = Parse(path);
        var name = context ?? config.CurrentContext;
        if (string.IsNullOrEmpty(name))
        {
            throw Wrong(path, "it has no current-context, and none was chosen");
        }

        var chosen = config.Contexts.Find(item => item.Name == name)?.Context
            ?? throw Wrong(path, $"it has no context '{name}'; it has: {Names(config.Contexts.Select(item => item.Name))}");
        var cluster = config.Clusters.Find(item => item.Name == chosen.Cluster)?.Cluster
            ?? throw Wrong(path, $"context '{name}' names the cluster '{chosen.Cluster}', which is missing; there is: {Names(config.Clusters.Select(item => item.Name))}");
        var user = string.IsNullOrEmpty(chosen.User)
            ? new KubeConfig.User()
            : config.Users.Find(item => item.Name == chosen.User)?.User
                ?? throw Wrong(path, $"context '{name}' names the user '{chosen.User}', who is missing; there is: {Names(config.Users.Select(item => item.Name))}");
        return new ClusterAccess
        {
            Server = ServerOf(path, cluster),
            Authorities = AuthoritiesOf(path, cluster),
            TlsServerName = cluster.TlsServerName,
            SkipsTlsVerification = cluster.InsecureSkipTlsVerify,
            ClientCertificate = CertificateOf(path, user),
            Tokens = TokensOf(path, user, time),
            Namespace = chosen.Namespace,
        };
    }

    private static KubeConfig Parse(string path)
    {
        try
        {
            return new DeserializerBuilder()
                .WithNamingConvention(CamelCaseNamingConvention.Instance)
                .IgnoreUnmatchedProperties()
                .Build()
                .Deserialize<KubeConfig?>(File.ReadAllText(path)) ?? throw Wrong(path, "it is empty");
        }
        catch (YamlException e)
        {
            throw new ClusterAccessException($"The kubeconfig {path} cannot be read at line {e.Start.Line}: {e.InnerException?.Message ?? e.Message}", e);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new ClusterAccessException($"The kubeconfig {path} cannot be read: {e.Message}", e);
        }
    }

    private static Uri ServerOf(string path, KubeConfig.ClusterEntry cluster) =>
        Uri.TryCreate(cluster.Server, UriKind.Absolute, out var server) && server.Scheme is "http" or "https"
            ? server!
            : throw Wrong(path, $"its server is '{cluster.Server}'; allowed is an absolute http or https URL");

    private static X509Certificate2Collection AuthoritiesOf(string path, KubeConfig.ClusterEntry cluster)
    {
        var authorities = new X509Certificate2Collection();
        if (Content(path, "certificate-authority", cluster.CertificateAuthorityData, cluster.CertificateAuthority) is { } pem)
        {
            Read(path, "certificate-authority", () => authorities.ImportFromPem(pem));
        }

        return authorities;
    }

    private static X509Certificate2? CertificateOf(string path, KubeConfig.User user)
    {
        var certificate = Content(path, "client-certificate", user.ClientCertificateData, user.ClientCertificate);
        var key = Content(path, "client-key", user.ClientKeyData, user.ClientKey);
        if (certificate is null != key is null)
        {
            throw Wrong(path, "client-certificate and client-key belong together, and one of them is missing");
        }

        X509Certificate2? loaded = null;
        if (certificate is not null)
        {
            Read(path, "client-certificate or client-key", () => loaded = X509Certificate2.CreateFromPem(certificate, key));
        }

        return loaded;
    }

    private static BearerTokens? TokensOf(string path, KubeConfig.User user, TimeProvider time) => user switch
    {
        { TokenFile: { Length: > 0 } file } => new TokenFile(Resolve(path, file), time),
        { Token: { Length: > 0 } token } => new FixedToken(token),
        { Exec: { Command: { Length: > 0 } program } exec } => new ExecTokens(CommandOf(path, program, exec), time),
        { Exec: not null } => throw Wrong(path, "its exec names no command"),
        { AuthProvider: not null } => throw Wrong(path, "it uses auth-provider, which kubectl has dropped too; use exec, a token or a client certificate"),
        { Username: not null } => throw Wrong(path, "it uses username and password, which Kubernetes has dropped; use exec, a token or a client certificate"),
        _ => null,
    };

    private static ExecCommand CommandOf(string path, string program, KubeConfig.Exec exec) => new(
        exec.ApiVersion ?? "client.authentication.k8s.io/v1",
        // A bare name is looked up in PATH, anything with a folder is relative to the file.
        program.Contains('/', StringComparison.Ordinal) ? Resolve(path, program) : program,
        [.. exec.Args ?? []],
        (exec.Env ?? []).ToImmutableDictionary(variable => variable.Name, variable => variable.Value),
        Path.GetDirectoryName(Path.GetFullPath(path))!);

    /// <summary>What stands in the file goes before what it refers to.</summary>
    private static string? Content(string path, string field, string? data, string? file)
    {
        string? text = null;
        if (!string.IsNullOrEmpty(data))
        {
            Read(path, $"{field}-data", () => text = Encoding.UTF8.GetString(Convert.FromBase64String(data)));
        }
        else if (!string.IsNullOrEmpty(file))
        {
            Read(path, field, () => text = File.ReadAllText(Resolve(path, file)));
        }

        return text;
    }

    private static void Read(string path, string field, Action read)
    {
        try
        {
            read();
        }
        catch (Exception e) when (e is CryptographicException or FormatException or IOException or UnauthorizedAccessException)
        {
            throw new ClusterAccessException($"The kubeconfig {path} cannot be used: its {field} cannot be read: {e.Message}", e);
        }
    }

    private static string Resolve(string path, string file) => Path.GetFullPath(file, Path.GetDirectoryName(Path.GetFullPath(path))!);

    private static string Names(IEnumerable<string?> names) => string.Join(", ", names) is { Length: > 0 } list ? list : "none";

    private static ClusterAccessException Wrong(string path, string why) => new($"The kubeconfig {path} cannot be used: {why}.");
}
