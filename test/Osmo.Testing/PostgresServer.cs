using System.Diagnostics;
using System.Net;

namespace Osmo.Testing;

/// <summary>
/// A throw-away PostgreSQL from the machine's own binaries: on loopback, a free port, its data in a temporary folder, syncing to disk as a real one does.
/// It ends, and its data goes, when it is disposed or when this process ends in any way.
/// </summary>
public sealed class PostgresServer : IAsyncDisposable
{
    private const int StartAttemptsMax = 3;

    private static readonly TimeSpan StartLimit = TimeSpan.FromSeconds(120);

    private static readonly TimeSpan StopLimit = TimeSpan.FromSeconds(60);

    // The shell waits for the end of its input, which comes with the end of this process, however that ends.
    private const string Script =
        """
        set -e
        data=$(mktemp -d "${TMPDIR:-/tmp}/osmo-postgres-XXXXXX")
        trap 'rm -rf "$data"' EXIT
        "$1/initdb" -D "$data" -U osmo -A trust -E UTF8 --locale=C --no-sync >&2
        echo 'host all all 127.0.0.0/8 trust' >>"$data/pg_hba.conf"
        "$1/postgres" -D "$data" -k "$data" -h "$3" -p "$2" -c fsync=on -c max_connections=300 -c shared_buffers=128MB >&2 &
        server=$!
        cat >/dev/null
        kill -QUIT $server # at once: nobody will read these files again
        wait $server || true
        """;

    private readonly Process _shell;
    private int _databases;

    private PostgresServer(Process shell, IPAddress host, int port)
    {
        _shell = shell;
        (Host, Port) = (host, port);
    }

    public IPAddress Host { get; }

    public int Port { get; }

    /// <summary>The folder of the server's programs, or null when this machine has none (or none that may be run: PostgreSQL refuses to run as root).</summary>
    public static string? Binaries { get; } = FindBinaries();

    /// <summary>Why tests on PostgreSQL are skipped on this machine, or null when they run.</summary>
    public static string? SkipReason => Binaries is null ? "PostgreSQL tests skipped: no server binaries (initdb, postgres) on this machine." : null;

    /// <summary>An address for <c>StorageOptions.Database</c>. The user <c>osmo</c> is the superuser and needs no password.</summary>
    public string Address(string database) => $"postgres://osmo@{Host}:{Port}/{database}";

    /// <summary>A name that no one else has used on this server.</summary>
    public string NextDatabaseName() => $"test_{Interlocked.Increment(ref _databases)}";

    /// <summary>Makes a database with the server's own client program.</summary>
    public async Task CreateDatabase(string name)
    {
        using var client = Process.Start(
            new ProcessStartInfo(Path.Combine(Binaries!, "createdb"), ["-h", Host.ToString(), "-p", $"{Port}", "-U", "osmo", name]) { RedirectStandardError = true })!;
        var complaint = await client.StandardError.ReadToEndAsync();
        await client.WaitForExitAsync();
        if (client.ExitCode != 0) throw new InvalidOperationException($"Database {name} cannot be made: {complaint}");
    }

    /// <summary>Starts one; throws when the binaries are there but do not start.</summary>
    /// <param name="host">A loopback address of this machine; null: 127.0.0.1.</param>
    public static async Task<PostgresServer> Start(IPAddress? host = null)
    {
        host ??= IPAddress.Loopback;
        var binaries = Binaries ?? throw new InvalidOperationException(SkipReason);
        for (var attempt = 1; ; attempt++)
        {
            var port = FreePort.Next();
            var shell = Launch(binaries, host, port);
            var log = new List<string>();
            if (await Ready(shell, log)) return new(shell, host, port);
            await Stop(shell);
            // Between finding a free port and using it somebody else may have taken it.
            if (attempt == StartAttemptsMax) throw new InvalidOperationException($"PostgreSQL in {binaries} did not start:\n{string.Join('\n', log)}");
        }
    }

    public async ValueTask DisposeAsync() => await Stop(_shell);

    private static Process Launch(string binaries, IPAddress host, int port)
    {
        string[] shell = ["sh", "-c", Script, "sh", binaries, port.ToString(), host.ToString()];
        string[] command = Environment.IsPrivilegedProcess ? ["setpriv", "--reuid=postgres", "--regid=postgres", "--init-groups", .. shell] : shell;
        return Process.Start(new ProcessStartInfo(command[0], command[1..])
        {
            RedirectStandardInput = true,
            RedirectStandardError = true,
            WorkingDirectory = Path.GetTempPath(),
        })!;
    }

    private static async Task<bool> Ready(Process shell, List<string> log)
    {
        var ready = new TaskCompletionSource<bool>(TaskCreationOptions.RunContinuationsAsynchronously);
        shell.ErrorDataReceived += (_, line) =>
        {
            if (ready.Task.IsCompleted) return;
            if (line.Data is not null) log.Add(line.Data);
            if (line.Data is null) ready.TrySetResult(false);
            else if (line.Data.Contains("could not bind", StringComparison.Ordinal)) ready.TrySetResult(false);
            else if (line.Data.Contains("database system is ready to accept connections", StringComparison.Ordinal)) ready.TrySetResult(true);
        };
        shell.BeginErrorReadLine();
        return await ready.Task.WaitAsync(StartLimit);
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

    private static string? FindBinaries()
    {
        if (!OperatingSystem.IsLinux() && !OperatingSystem.IsMacOS()) return null;
        var debian = Directory.Exists("/usr/lib/postgresql")
            ? Directory.GetDirectories("/usr/lib/postgresql").OrderByDescending(folder => int.TryParse(Path.GetFileName(folder), out var major) ? major : 0)
                .Select(folder => Path.Combine(folder, "bin"))
            : [];
        var found = debian.Concat((Environment.GetEnvironmentVariable("PATH") ?? "").Split(':', StringSplitOptions.RemoveEmptyEntries))
            .FirstOrDefault(folder => File.Exists(Path.Combine(folder, "initdb")) && File.Exists(Path.Combine(folder, "postgres")));
        return found is not null && Environment.IsPrivilegedProcess && !HasUserPostgres() ? null : found;
    }

    private static bool HasUserPostgres() =>
        File.Exists("/etc/passwd") && File.ReadLines("/etc/passwd").Any(line => line.StartsWith("postgres:", StringComparison.Ordinal));
}
