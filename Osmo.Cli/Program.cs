using System.Net;
using System.Net.Security;
using System.Runtime.InteropServices;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using Osmo.Cli;
using Osmo.Cli.Output;

// The only place that knows the process: environment, terminal, signals, network (contract: cli §3, §4).
using var interruption = new CancellationTokenSource();
using var onInterrupt = PosixSignalRegistration.Create(PosixSignal.SIGINT, signal =>
{
    signal.Cancel = true;
    interruption.Cancel();
});
await using var output = new StreamWriter(Console.OpenStandardOutput(), new UTF8Encoding(encoderShouldEmitUTF8Identifier: false));
var network = new SocketsHttpHandler
{
    ConnectTimeout = TimeSpan.FromSeconds(60),
    AutomaticDecompression = DecompressionMethods.All,
    SslOptions = Trust(Variable("REQUESTS_CA_BUNDLE") ?? Variable("CURL_CA_BUNDLE")),
};
using var http = new HttpClient(Console.IsErrorRedirected ? network : new WaitingHandler(network, Console.Error, TimeProvider.System))
{
    Timeout = Timeout.InfiniteTimeSpan,
};
return await OsmoProgram.Run(args, new Surroundings
{
    Output = output,
    Error = Console.Error,
    OutputIsRedirected = Console.IsOutputRedirected,
    ConfigDirectory = Variable("OSMO_CONFIG_FILE_DIR")
        ?? Path.Combine(Variable("XDG_CONFIG_HOME")
            ?? Path.Combine(Environment.GetFolderPath(Environment.SpecialFolder.UserProfile), ".config"), "osmo"),
    Http = http,
    Time = TimeProvider.System,
    SendsUserWithToken = Variable("OSMO_LOGIN_DEV") is "true" or "True",
}, interruption.Token);

static string? Variable(string name) => Environment.GetEnvironmentVariable(name);

// A private authority's certificates, as a file of PEM blocks, in place of the system's.
static SslClientAuthenticationOptions Trust(string? bundle)
{
    if (bundle is not { Length: > 0 } || !File.Exists(bundle))
    {
        return new SslClientAuthenticationOptions();
    }

    var policy = new X509ChainPolicy { TrustMode = X509ChainTrustMode.CustomRootTrust, RevocationMode = X509RevocationMode.NoCheck };
    policy.CustomTrustStore.ImportFromPemFile(bundle);
    return new SslClientAuthenticationOptions { CertificateChainPolicy = policy };
}
