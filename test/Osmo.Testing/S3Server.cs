using System.Diagnostics;
using System.Net;

namespace Osmo.Testing;

/// <summary>
/// A throw-away S3 server from the machine's own <c>s3rver</c> (a Node.js package): on loopback, a free port, one bucket, its data in a temporary folder.
/// It ends, and its data goes, when it is disposed or when this process ends in any way.
/// </summary>
public sealed class S3Server : IAsyncDisposable
{
    public const string Bucket = "osmo";

    /// <summary>The only key it takes, and its secret.</summary>
    public const string AccessKey = "S3RVER", SecretKey = "S3RVER";

    private const string Program = "s3rver";

    private const int StartAttemptsMax = 3;

    private static readonly TimeSpan StartLimit = TimeSpan.FromSeconds(120);

    private static readonly TimeSpan StopLimit = TimeSpan.FromSeconds(60);

    // The shell waits for the end of its input, which comes with the end of this process, however that ends.
    private const string Script =
        """
        set -e
        data=$(mktemp -d "${TMPDIR:-/tmp}/osmo-s3-XXXXXX")
        trap 'rm -rf "$data"' EXIT
        "$1" -d "$data" -a "$2" -p "$3" -s --no-vhost-buckets --configure-bucket "$4" 2>&1 &
        server=$!
        cat >/dev/null
        exec 2>/dev/null # of the end of the server the shell tells
        kill -KILL $server
        wait $server || true
        """;

    private readonly Process _shell;

    private S3Server(Process shell, Uri endpoint) => (_shell, Endpoint) = (shell, endpoint);

    public Uri Endpoint { get; }

    /// <summary>For <c>StorageOptions.Objects</c>.</summary>
    public string Address => $"s3://{Bucket}?endpoint={Endpoint.ToString().TrimEnd('/')}";

    /// <summary>Why tests on a real S3 server are skipped on this machine, or null when they run.</summary>
    public static string? SkipReason => Find() is null ? $"S3 tests skipped: no {Program} on this machine's PATH." : null;

    /// <summary>Starts one; throws when it does not start.</summary>
    /// <param name="host">A loopback address of this machine; null: 127.0.0.1.</param>
    public static async Task<S3Server> Start(IPAddress? host = null)
    {
        var program = Find() ?? throw new InvalidOperationException(SkipReason);
        host ??= IPAddress.Loopback;
        for (var attempt = 1; ; attempt++)
        {
            var port = FreePort.Next();
            var shell = Process.Start(new ProcessStartInfo("sh", ["-c", Script, "sh", program, host.ToString(), $"{port}", Bucket])
            {
                RedirectStandardInput = true,
                RedirectStandardOutput = true,
                // It enciphers the token of a page's successor with DES, which newer versions of Node.js refuse otherwise.
                Environment = { ["NODE_OPTIONS"] = "--openssl-legacy-provider" },
            })!;
            var said = new List<string>();
            if (await Listens(shell, said)) return new(shell, new Uri($"http://{host}:{port}"));
            await Stop(shell);
            // Between finding a free port and using it somebody else may have taken it.
            if (attempt == StartAttemptsMax) throw new InvalidOperationException($"{program} did not start:\n{string.Join('\n', said)}");
        }
    }

    public async ValueTask DisposeAsync() => await Stop(_shell);

    private static string? Find() => (Environment.GetEnvironmentVariable("PATH") ?? "").Split(':', StringSplitOptions.RemoveEmptyEntries)
        .Select(folder => Path.Combine(folder, Program)).FirstOrDefault(File.Exists);

    private static async Task<bool> Listens(Process shell, List<string> said)
    {
        var listens = new TaskCompletionSource<bool>(TaskCreationOptions.RunContinuationsAsynchronously);
        shell.OutputDataReceived += (_, line) =>
        {
            if (listens.Task.IsCompleted) return;
            if (line.Data is not null) said.Add(line.Data);
            if (line.Data is null || line.Data.Contains("EADDRINUSE", StringComparison.Ordinal)) listens.TrySetResult(false);
            else if (line.Data.Contains("listening on", StringComparison.Ordinal)) listens.TrySetResult(true);
        };
        shell.BeginOutputReadLine();
        return await listens.Task.WaitAsync(StartLimit);
    }

    private static async Task Stop(Process shell)
    {
        using (shell)
        {
            shell.StandardInput.Close();
            using var limit = new CancellationTokenSource(StopLimit);
            try
            {
                await shell.WaitForExitAsync(limit.Token);
            }
            catch (OperationCanceledException)
            {
                shell.Kill(entireProcessTree: true);
            }
        }
    }
}
