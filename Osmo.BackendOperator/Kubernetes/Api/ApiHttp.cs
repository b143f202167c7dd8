using System.Net.Security;
using System.Net.Sockets;
using System.Security.Cryptography.X509Certificates;
using Osmo.BackendOperator.Kubernetes.Access;

namespace Osmo.BackendOperator.Kubernetes.Api;

/// <summary>The HTTP connections to one API server.</summary>
internal static class ApiHttp
{
    /// <summary>Watches, a job's requests side by side, and some to spare.</summary>
    private const int ConnectionsMax = 32;

    /// <summary>A name that moves to another address is looked up again.</summary>
    private static readonly TimeSpan ConnectionAgeMax = TimeSpan.FromMinutes(10);

    /// <summary>A quiet connection is probed after this, and then given up within <see cref="ProbePeriod"/> times <see cref="ProbesMax"/>.</summary>
    private static readonly TimeSpan QuietMax = TimeSpan.FromSeconds(15);

    private static readonly TimeSpan ProbePeriod = TimeSpan.FromSeconds(5);

    private const int ProbesMax = 3;

    public static HttpClient Create(ClusterAccess access, TimeSpan connectTimeout)
    {
        var handler = new SocketsHttpHandler
        {
            ConnectTimeout = connectTimeout,
            ConnectCallback = ConnectAsync,
            PooledConnectionLifetime = ConnectionAgeMax,
            MaxConnectionsPerServer = ConnectionsMax,
            UseProxy = false,
            UseCookies = false,
            AllowAutoRedirect = false,
            SslOptions = Tls(access),
        };
        var server = access.Server.ToString();
        return new HttpClient(handler)
        {
            BaseAddress = new Uri(server.EndsWith('/') ? server : server + "/"),
            // Each request has its own bound; a watch lasts.
            Timeout = Timeout.InfiniteTimeSpan,
        };
    }

    /// <summary>With TCP's keep-alive: a path that dies without a word is noticed also while nothing is said on it.</summary>
    private static async ValueTask<Stream> ConnectAsync(SocketsHttpConnectionContext context, CancellationToken cancellation)
    {
        var socket = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        try
        {
            socket.SetSocketOption(SocketOptionLevel.Socket, SocketOptionName.KeepAlive, true);
            socket.SetSocketOption(SocketOptionLevel.Tcp, SocketOptionName.TcpKeepAliveTime, (int)QuietMax.TotalSeconds);
            socket.SetSocketOption(SocketOptionLevel.Tcp, SocketOptionName.TcpKeepAliveInterval, (int)ProbePeriod.TotalSeconds);
            socket.SetSocketOption(SocketOptionLevel.Tcp, SocketOptionName.TcpKeepAliveRetryCount, ProbesMax);
            await socket.ConnectAsync(context.DnsEndPoint, cancellation);
            return new NetworkStream(socket, ownsSocket: true);
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }

    private static SslClientAuthenticationOptions Tls(ClusterAccess access)
    {
        var options = new SslClientAuthenticationOptions
        {
            TargetHost = access.TlsServerName ?? access.Server.Host,
            ClientCertificates = access.ClientCertificate is { } certificate ? [certificate] : null,
        };
        if (access.SkipsTlsVerification)
        {
#pragma warning disable CA5359 // The kubeconfig says insecure-skip-tls-verify.
            options.RemoteCertificateValidationCallback = (_, _, _, _) => true;
#pragma warning restore CA5359
        }
        else if (access.Authorities.Count > 0)
        {
            options.CertificateChainPolicy = new X509ChainPolicy
            {
                TrustMode = X509ChainTrustMode.CustomRootTrust,
                // A cluster's own authority publishes no revocation lists.
                RevocationMode = X509RevocationMode.NoCheck,
            };
            options.CertificateChainPolicy.CustomTrustStore.AddRange(access.Authorities);
        }

        return options;
    }
}
