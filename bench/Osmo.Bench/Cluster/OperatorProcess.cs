using System.Diagnostics;
using System.Globalization;

namespace Osmo.Bench.Cluster;

/// <summary>The operator as a program, beside the server and the API server that it connects.</summary>
internal sealed class OperatorProcess : IAsyncDisposable
{
    private static readonly TimeSpan StopLimit = TimeSpan.FromSeconds(30);

    private readonly Process _process;

    private OperatorProcess(Process process) => _process = process;

    /// <summary>The most memory it has held so far, in bytes.</summary>
    public double PeakMemory => File.ReadLines($"/proc/{_process.Id}/status")
        .Where(line => line.StartsWith("VmHWM:", StringComparison.Ordinal))
        .Select(line => 1024 * double.Parse(line.Split(' ', StringSplitOptions.RemoveEmptyEntries)[1], CultureInfo.InvariantCulture))
        .Single();

    public TimeSpan Cpu
    {
        get
        {
            _process.Refresh();
            return _process.TotalProcessorTime;
        }
    }

    public static async Task<OperatorProcess> Start(Uri apiServer, Uri service, string backend, string @namespace, string folder)
    {
        var config = Path.Combine(folder, "kubeconfig");
        await File.WriteAllTextAsync(config, $$$"""
            {"current-context": "c", "contexts": [{"name": "c", "context": {"cluster": "c"}}], "clusters": [{"name": "c", "cluster": {"server": "{{{apiServer}}}"}}]}
            """);
        var process = Process.Start(new ProcessStartInfo(
            "dotnet",
            [
                Path.Combine(AppContext.BaseDirectory, "Osmo.BackendOperator.dll"), "--kubeconfig", config, "--service", service.ToString(), "--backend", backend,
                "--namespace", @namespace, "--user", "bench", "--log-level", "Error", "--api-qps", "10000", "--api-burst", "10000",
            ]) { Environment = { ["DOTNET_GCgen0size"] = "0x1000000" } })!; // as in the images
        return new OperatorProcess(process);
    }

    public async ValueTask DisposeAsync()
    {
        using (_process)
        {
            using var kill = Process.Start("kill", ["-TERM", _process.Id.ToString(CultureInfo.InvariantCulture)]);
            try
            {
                await _process.WaitForExitAsync().WaitAsync(StopLimit);
            }
            catch (TimeoutException)
            {
                _process.Kill();
            }
        }
    }
}
