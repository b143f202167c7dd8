using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace Osmo.BackendOperator.Kubernetes.Access;

/// <summary>Access of a pod by its service account.</summary>
public static class InClusterAccess
{
    /// <summary>Where the kubelet mounts token, certificate authority and namespace.</summary>
    public const string Directory = "/var/run/secrets/kubernetes.io/serviceaccount";

    /// <exception cref="ClusterAccessException">This is no pod, or one without a service account's token.</exception>
    public static ClusterAccess Read(Func<string, string?> environment, string directory, TimeProvider time)
    {
        var (host, port) = (environment("KUBERNETES_SERVICE_HOST"), environment("KUBERNETES_SERVICE_PORT"));
        var token = Path.Combine(directory, "token");
        if (string.IsNullOrEmpty(host) || string.IsNullOrEmpty(port) || !File.Exists(token))
        {
            throw new ClusterAccessException(
                $"This is no pod with a service account: KUBERNETES_SERVICE_HOST is '{host}', KUBERNETES_SERVICE_PORT is '{port}', "
                + $"{token} {(File.Exists(token) ? "exists" : "is missing")}. Outside of a cluster give a kubeconfig.");
        }

        var @namespace = Path.Combine(directory, "namespace");
        return new ClusterAccess
        {
            Server = new UriBuilder("https", host, int.TryParse(port, out var number) ? number : 443).Uri,
            Authorities = ReadAuthorities(Path.Combine(directory, "ca.crt")),
            Tokens = new TokenFile(token, time),
            Namespace = File.Exists(@namespace) ? File.ReadAllText(@namespace).Trim() : null,
        };
    }

    private static X509Certificate2Collection ReadAuthorities(string file)
    {
        var authorities = new X509Certificate2Collection();
        try
        {
            authorities.ImportFromPemFile(file);
            return authorities;
        }
        catch (Exception e) when (e is CryptographicException or IOException or UnauthorizedAccessException)
        {
            throw new ClusterAccessException($"The certificate authority {file} cannot be read: {e.Message}", e);
        }
    }
}
