using Osmo.Protocol.LocalPods;
using Osmo.Runtime.Processes;

namespace Osmo.Runtime.Pods;

/// <summary>A pod of the local cluster: what kubelet does for one pod, in one process that outlives whoever started it.</summary>
/// <remarks>
/// The pod's directory holds <c>manifest.json</c>; the supervisor writes <c>status.json</c> there at each change and holds
/// <c>supervisor.lock</c> by flock(2) for as long as it lives. On SIGTERM it ends the containers and waits for them; then, and when all
/// ended by themselves, the status is final and it exits. Its exit code is 0 when the pod succeeded, 1 when it failed or could not be run
/// at all.
/// </remarks>
internal static class PodSupervisor
{
    /// <summary>After the grace, for what ctrl still has to say.</summary>
    private static readonly TimeSpan LastWordsLimit = TimeSpan.FromSeconds(10);

    public static async Task<int> Run(string directory, RoleEnvironment environment, CancellationToken terminated)
    {
        directory = Path.GetFullPath(directory);
        _ = Libc.SetSession();
        var output = new GoLog(environment.Output, environment.Time);
        try
        {
            // FileShare.None is flock(2) with LOCK_EX on Unix.
            var lockFile = Path.Combine(directory, PodManifest.LockFileName);
            await using var held = new FileStream(lockFile, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
            var manifest = PodManifest.Load(Path.Combine(directory, PodManifest.FileName));
            return await RunPod(directory, manifest, environment, terminated) == PodPhase.Succeeded ? 0 : 1;
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException or InvalidDataException)
        {
            output.Print($"Pod in '{directory}' cannot be run: {exception.Message}");
            return 1;
        }
    }

    private static async Task<PodPhase> RunPod(
        string directory, PodManifest manifest, RoleEnvironment environment, CancellationToken terminated)
    {
        var grace = TimeSpan.FromSeconds(manifest.TerminationGraceSeconds);
        var status = new PodStatusWriter(directory, manifest, environment.Time.GetUtcNow());
        using var orphans = new OrphanGuard(directory);
        ContainerRunner Runner(ContainerManifest container) => new(container, directory, grace, status, orphans, environment);
        foreach (var container in manifest.InitContainers)
        {
            if (terminated.IsCancellationRequested || await Runner(container).Run(terminated) != 0)
                return Finish(status, PodPhase.Failed);
        }

        if (terminated.IsCancellationRequested)
            return Finish(status, PodPhase.Failed);
        status.SetPhase(PodPhase.Running);
        var running = Task.WhenAll(manifest.Containers.Select(container => Runner(container).Run(terminated)));
        var codes = await UntilTerminated(running, grace, environment.Time, terminated);
        return Finish(status, codes is not null && codes.All(code => code == 0) ? PodPhase.Succeeded : PodPhase.Failed);
    }

    /// <summary>
    /// The exit codes; null when containers did not end in time after SIGTERM: they die with this process, by the orphan guard.
    /// </summary>
    private static async Task<int[]?> UntilTerminated(Task<int[]> running, TimeSpan grace, TimeProvider time, CancellationToken terminated)
    {
        try
        {
            return await running.WaitAsync(terminated);
        }
        catch (OperationCanceledException)
        {
            try
            {
                return await running.WaitAsync(grace + LastWordsLimit, time, CancellationToken.None);
            }
            catch (TimeoutException)
            {
                return null;
            }
        }
    }

    private static PodPhase Finish(PodStatusWriter status, PodPhase phase)
    {
        status.SetPhase(phase);
        return phase;
    }
}
