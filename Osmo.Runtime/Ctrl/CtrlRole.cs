using System.Text.Json;
using Osmo.Runtime.Arguments;

namespace Osmo.Runtime.Ctrl;

/// <summary>
/// osmo_ctrl: moves data in and out, starts the user's command through osmo_exec, and is the task's voice to the control plane.
/// </summary>
/// <remarks>Contract: runtime-protocol §4 (order), §22 (exit codes). The exit code is also the process's status, not only the termination
/// message's.</remarks>
public sealed class CtrlRole : IRole
{
    public async Task<int> Run(IReadOnlyList<string> arguments, RoleEnvironment environment, CancellationToken terminated)
    {
        var containerLog = new GoLog(environment.Output, environment.Time);
        try
        {
            var parsed = CtrlArguments.Parse(arguments);
            await using var task = new CtrlTask(parsed, environment, containerLog);
            var failure = await task.Run(terminated);
            if (failure is { Code: CtrlExitCode.Terminated })
                return (int)CtrlExitCode.Terminated;
            WriteTerminationMessage(environment, containerLog, failure?.Code ?? 0, failure?.Message);
            return (int)(failure?.Code ?? 0);
        }
        catch (FlagException exception)
        {
            containerLog.Print($"osmo_ctrl: {exception.Message}");
            return (int)CtrlExitCode.Usage;
        }
        catch (TransferArgumentException exception)
        {
            containerLog.Print($"osmo_ctrl: {exception.Message}");
            WriteTerminationMessage(environment, containerLog, CtrlExitCode.InvalidInput, exception.Message);
            return (int)CtrlExitCode.InvalidInput;
        }
    }

    /// <summary><c>{"code":n}</c>, and for people the reason.</summary>
    private static void WriteTerminationMessage(RoleEnvironment environment, GoLog containerLog, CtrlExitCode code, string? reason)
    {
        var text = reason is null
            ? $"{{\"code\":{(int)code}}}"
            : $"{{\"code\":{(int)code},\"reason\":\"{JsonEncodedText.Encode(reason)}\"}}";
        try
        {
            File.WriteAllText(environment.TerminationMessageFile, text);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            containerLog.Print($"Termination message {text} cannot be written: {exception.Message}");
        }
    }
}
