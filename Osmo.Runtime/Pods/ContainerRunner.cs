using Osmo.Protocol.LocalPods;
using Osmo.Runtime.Processes;

namespace Osmo.Runtime.Pods;

/// <summary>
/// Runs one container of the pod: a role of ours in this process, anything else as a child in a process group of its own.
/// </summary>
internal sealed class ContainerRunner(
    ContainerManifest container,
    string podDirectory,
    TimeSpan grace,
    PodStatusWriter status,
    IOrphanGuard orphans,
    RoleEnvironment supervisor)
{
    private const int MaximumMessageCharacters = 4096;
    private const int FailedRoleCode = 2;

    private readonly MountPaths _paths = new(container.Mounts);

    /// <summary>The container's exit code.</summary>
    public async Task<int> Run(CancellationToken terminated)
    {
        using var log = new ContainerLog(container.LogFile);
        var environment = BuildEnvironment(log);
        var command = container.Command.Concat(container.Args).Select(_paths.Rewrite).ToArray();
        var startedAt = environment.Time.GetUtcNow();
        if (command.Length == 0)
            return End(startedAt, SpawnException.NotFoundCode, null, "StartError", "The container has no command.", null);
        return Roles.OfProgram(command[0]) is { } role
            ? await Host(role, command[1..], environment, startedAt, terminated)
            : await RunChild(command, environment, startedAt, terminated);
    }

    private async Task<int> Host(
        IRole role, string[] arguments, RoleEnvironment environment, DateTimeOffset startedAt, CancellationToken terminated)
    {
        status.Set(new ContainerStatusEntry(container.Name, ContainerState.Running, StartedAt: startedAt, Pid: Environment.ProcessId));
        try
        {
            var code = await role.Run(arguments, environment, terminated);
            return End(startedAt, code, null, null, null, Environment.ProcessId);
        }
        catch (Exception exception)
        {
            // The process of a role would end here; the pod goes on and says so.
            new GoLog(environment.Output, environment.Time).Print($"panic: {exception}");
            return End(startedAt, FailedRoleCode, null, null, exception.Message, Environment.ProcessId);
        }
    }

    private async Task<int> RunChild(string[] command, RoleEnvironment environment, DateTimeOffset startedAt, CancellationToken terminated)
    {
        ChildProcess child;
        try
        {
            child = ChildProcess.Start(new SpawnRequest(command[0], command[1..], environment.Variables, environment.WorkingDirectory));
        }
        catch (SpawnException exception)
        {
            new GoLog(environment.Output, environment.Time).Print(exception.Message);
            return End(startedAt, exception.ExitCode, null, "StartError", exception.Message, null);
        }

        using (child)
        {
            orphans.Add(child.Id);
            status.Set(new ContainerStatusEntry(container.Name, ContainerState.Running, StartedAt: startedAt, Pid: child.Id));
            using var ended = new CancellationTokenSource();
            await using var onTerminated = terminated.Register(() => _ = Terminate(child, environment.Time, ended.Token));
            var output = PipeReader.Start(child.StandardOutput, environment.Output.Write, environment.Time);
            var error = PipeReader.Start(child.StandardError, environment.Output.Write, environment.Time);
            var exit = await child.Exited;
            await ended.CancelAsync();
            child.SignalGroup(Libc.SignalKill);
            output.ChildEnded();
            error.ChildEnded();
            await Task.WhenAll(output.Ended, error.Ended);
            orphans.Remove(child.Id);
            return End(startedAt, exit.Code, exit.Signal, null, null, child.Id);
        }
    }

    private async Task Terminate(ChildProcess child, TimeProvider time, CancellationToken ended)
    {
        child.SignalGroup(Libc.SignalTerminate);
        try
        {
            await Task.Delay(grace, time, ended);
            child.SignalGroup(Libc.SignalKill);
        }
        catch (OperationCanceledException)
        {
            // It ended in time.
        }
    }

    private int End(DateTimeOffset startedAt, int code, int? signal, string? reason, string? message, int? pid)
    {
        reason ??= code == 0 ? "Completed" : "Error";
        message = TerminationMessage() ?? message;
        status.Set(new ContainerStatusEntry(
            container.Name, ContainerState.Terminated, reason, message, code, signal, startedAt, supervisor.Time.GetUtcNow(), pid));
        return code;
    }

    private string? TerminationMessage()
    {
        if (container.TerminationMessageFile is not { } file || !File.Exists(file))
            return null;
        var text = File.ReadAllText(file);
        return text.Length == 0 ? null : text.Length > MaximumMessageCharacters ? text[..MaximumMessageCharacters] : text;
    }

    private RoleEnvironment BuildEnvironment(ContainerLog log)
    {
        var variables = new Dictionary<string, string>(supervisor.Variables, StringComparer.Ordinal);
        foreach (var entry in container.Environment)
            variables[entry.Name] = _paths.Rewrite(entry.Value);
        return supervisor with
        {
            Variables = variables,
            WorkingDirectory = container.WorkingDirectory is { Length: > 0 } directory ? _paths.Rewrite(directory) : podDirectory,
            Output = log,
            TerminationMessageFile = container.TerminationMessageFile ?? Path.Combine(podDirectory, $"{container.Name}.termination"),
            Paths = _paths,
            TerminationGrace = grace,
            Orphans = orphans,
        };
    }
}
