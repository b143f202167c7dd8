using Osmo.Protocol.Runtime;

namespace Osmo.Runtime.PodSocket;

/// <summary>What osmo_ctrl and osmo_exec tell each other over the pod's Unix socket (contract: runtime-protocol §5).</summary>
internal abstract record PodMessage
{
    private PodMessage()
    {
    }

    /// <summary>ctrl: run the user's command.</summary>
    public sealed record ExecStart(string OutputFolder) : PodMessage;

    /// <summary>ctrl: failed before the start; there is nothing to run.</summary>
    public sealed record CtrlFailed : PodMessage;

    /// <summary>ctrl: open a second connection and run a shell on it.</summary>
    public sealed record UserExecStart(string Command) : PodMessage;

    /// <summary>ctrl: kill the command.</summary>
    public sealed record UserStop : PodMessage;

    /// <summary>ctrl: run the command again.</summary>
    public sealed record UserStart : PodMessage;

    /// <summary>exec: one line of the command (STDOUT, STDERR) or of exec itself (OSMO_CTRL).</summary>
    public sealed record Output(LogStream Stream, string Text) : PodMessage;

    /// <summary>exec: whether the rsync daemon lives.</summary>
    public sealed record UserRsyncStatus(bool Running) : PodMessage;

    /// <summary>exec: the command is dead, as asked.</summary>
    public sealed record UserStopFinished : PodMessage;

    /// <summary>exec: the command ended with 0.</summary>
    public sealed record ExecFinished : PodMessage;

    /// <summary>exec: the command ended otherwise; the text is for the user.</summary>
    public sealed record ExecFailed(string Error) : PodMessage;
}
