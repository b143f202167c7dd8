using System.Diagnostics;

namespace Osmo.ClusterTests.Harness;

/// <summary>
/// A run whose network is cut has a network, a process table and mounts of its own (Linux namespaces; only root may make them). The machine's are never touched, and the kernel takes them down, with every
/// process in them, when this process ends in any way.
/// </summary>
internal static class Isolation
{
    private const string Mark = "OSMO_HARNESS_NETWORK", Own = "own";

    /// <summary>Everything that a network of its own needs of the machine, tried out.</summary>
    private const string Trial =
        "set -e; echo 1 >/proc/sys/net/ipv4/conf/all/route_localnet; ip link add trial type bridge; ip link add one type veth peer name other; ip rule add pref 10 iif one blackhole; nsenter --version";

    // The first process of a process table: when it ends, so does everybody. Its input ends with the process that started it, however that ends.
    private const string First =
        """
        exec 3<&0
        "$@" </dev/null &
        run=$!
        { cat <&3 >/dev/null; kill -KILL $run; } &
        wait $run
        exit $?
        """;

    private static readonly string[] Unshare = ["--net", "--pid", "--fork", "--kill-child", "--mount-proc"];

    /// <summary>This is the process that <see cref="Run"/> has started.</summary>
    public static bool IsInside => Environment.GetEnvironmentVariable(Mark) == Own;

    /// <summary>Why this machine does not allow it; null when it does.</summary>
    public static async Task<string?> Obstacle()
    {
        try
        {
            using var trial = Process.Start(new ProcessStartInfo("unshare", [.. Unshare, "sh", "-c", Trial]) { RedirectStandardOutput = true, RedirectStandardError = true })!;
            var complaint = trial.StandardError.ReadToEndAsync();
            await trial.StandardOutput.ReadToEndAsync();
            await trial.WaitForExitAsync();
            return trial.ExitCode == 0 ? null : (await complaint).Trim().ReplaceLineEndings("; ");
        }
        catch (System.ComponentModel.Win32Exception error)
        {
            return error.Message;
        }
    }

    /// <summary>This program once more, with the same arguments, in a network of its own.</summary>
    /// <returns>Its exit code.</returns>
    public static async Task<int> Run(IEnumerable<string> arguments)
    {
        var program = Environment.ProcessPath!;
        string[] self = Path.GetFileNameWithoutExtension(program) == "dotnet" ? [program, Environment.GetCommandLineArgs()[0]] : [program];
        using var run = Process.Start(new ProcessStartInfo("unshare", [.. Unshare, "sh", "-c", First, "sh", .. self, .. arguments])
        {
            RedirectStandardInput = true,
            Environment = { [Mark] = Own },
        })!;
        await run.WaitForExitAsync();
        return run.ExitCode;
    }
}
