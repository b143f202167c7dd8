using System.Collections.Immutable;
using System.Diagnostics;
using Osmo.Protocol.LocalPods;

namespace Osmo.Runtime.Tests;

/// <summary>A pod as the local cluster makes it, run by the real executable.</summary>
public sealed class LocalPod : IDisposable
{
    private static readonly TimeSpan Limit = TaskPod.Limit;
    private readonly List<Process> _processes = [];

    public LocalPod() => Root = Directory.CreateTempSubdirectory("osmo-local-pod").FullName;

    public string Root { get; }

    public string StatusFile => Path.Combine(Root, PodStatusFile.FileName);

    public PodStatusFile Status => PodStatusFile.Load(StatusFile);

    /// <summary>A task's pod, with the paths and arguments the control plane writes.</summary>
    public PodManifest TaskManifest(int port, string[] command, params string[] ctrlArguments)
    {
        var volumes = (string[])["data/socket", "data/benchmarks", "data/input", "data/output", "login", "run", "usr/bin"];
        ImmutableArray<MountEntry> data = [.. volumes.Select(volume => new MountEntry($"/osmo/{volume}", Path.Combine(Root, "volumes", volume)))];
        var secret = Path.Combine(Root, "refresh_token");
        File.WriteAllText(secret, "token");
        var init = Container("osmo-init", ["osmo_init"], [], [new MountEntry("/osmo/data", Path.Combine(Root, "volumes/data")), .. data]);
        var user = Container(
            "task1",
            ["/osmo/bin/osmo_exec"],
            ["-socketPath", "/osmo/data/socket/data.sock", "-userBinPath", "/osmo/usr/bin", .. command.SelectMany(part => (string[])["-commands", part])],
            data);
        var ctrl = Container(
            "osmo-ctrl",
            ["/osmo/bin/osmo_ctrl"],
            [
                "-socketPath", "/osmo/data/socket/data.sock", "-inputPath", "/osmo/data/input/", "-outputPath", "/osmo/data/output/", "-workflow", "wf-1",
                "-groupName", "g", "-retryId", "0", "-logSource", "task1", "-host", "127.0.0.1", "-port", $"{port}", "-scheme", "ws",
                "-refreshToken", "/osmo/.refresh_token", "-refreshScheme", "http", .. ctrlArguments,
            ],
            [.. data, new MountEntry("/osmo/.refresh_token", secret)]);
        return new PodManifest("pod-1", "uid-1", "default", "node-1", [init], [user, ctrl], 5);
    }

    public ContainerManifest Container(string name, ImmutableArray<string> command, ImmutableArray<string> arguments, ImmutableArray<MountEntry> mounts) =>
        new(name, "image", command, arguments, [new EnvironmentEntry("WHO", name)], null, LogFile(name), Path.Combine(Root, $"{name}.termination"), mounts);

    public string LogFile(string container) => Path.Combine(Root, "logs", $"{container}.log");

    public Process Start(PodManifest manifest)
    {
        manifest.Save(Path.Combine(Root, PodManifest.FileName));
        return StartSupervisor();
    }

    public Process StartSupervisor()
    {
        var start = new ProcessStartInfo(Path.Combine(AppContext.BaseDirectory, "Osmo.Runtime"), ["pod", Root]) { RedirectStandardError = true };
        var process = Process.Start(start)!;
        _processes.Add(process);
        return process;
    }

    public static async Task<int> Exit(Process process)
    {
        using var limit = new CancellationTokenSource(Limit);
        await process.WaitForExitAsync(limit.Token);
        return process.ExitCode;
    }

    /// <summary>Waits for the status file to change until it fulfils the condition.</summary>
    public async Task Until(Func<PodStatusFile, bool> condition)
    {
        var met = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        using var watcher = new FileSystemWatcher(Root, PodStatusFile.FileName);
        void Look(object sender, EventArgs arguments)
        {
            if (File.Exists(StatusFile) && condition(Status))
                met.TrySetResult();
        }

        watcher.Created += Look;
        watcher.Changed += Look;
        watcher.Renamed += Look;
        watcher.EnableRaisingEvents = true;
        Look(this, EventArgs.Empty);
        await met.Task.WaitAsync(Limit);
    }

    /// <summary>Waits until a process is gone.</summary>
    public static async Task Gone(int id)
    {
        try
        {
            using var process = Process.GetProcessById(id);
            using var limit = new CancellationTokenSource(Limit);
            await process.WaitForExitAsync(limit.Token);
        }
        catch (ArgumentException)
        {
            // It was gone before we looked.
            return;
        }
    }

    public void Dispose()
    {
        foreach (var process in _processes)
        {
            if (!process.HasExited)
                process.Kill();
            // It writes into the folder until it is gone.
            process.WaitForExit(Limit);
            process.Dispose();
        }

        Directory.Delete(Root, recursive: true);
    }
}
