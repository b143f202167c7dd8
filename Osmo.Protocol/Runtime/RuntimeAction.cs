namespace Osmo.Protocol.Runtime;

/// <summary>What the control plane tells a task's runtime over the logger WebSocket (contract: runtime-protocol §7.4).</summary>
public abstract record RuntimeAction
{
    private RuntimeAction()
    {
    }

    /// <summary>True when the frame must be a text frame; every other action must be binary (contract: runtime-protocol §7.2).</summary>
    public bool IsTextFrame => this is LogDone;

    /// <summary>Answer to <see cref="CtrlMessage.LogDone"/>: all lines are durable.</summary>
    public sealed record LogDone : RuntimeAction;

    /// <summary>The first <paramref name="Count"/> lines of this connection are durable (see <see cref="LoggerProtocol"/>).</summary>
    public sealed record LogAck(long Count) : RuntimeAction;

    /// <summary>The barrier the task waits at is open.</summary>
    public sealed record Barrier : RuntimeAction;

    /// <summary>Stop the user's command and run it again in the same pod.</summary>
    /// <param name="Key">The same when the action is sent again; empty from a control plane that sends it once.</param>
    public sealed record Restart(string Key = "") : RuntimeAction;

    /// <summary>Open a shell and connect it to the router under <paramref name="Key"/>.</summary>
    public sealed record Exec(string RouterAddress, string Key, string Cookie, string EntryCommand) : RuntimeAction;

    /// <summary>Forward a TCP or UDP port of the task.</summary>
    public sealed record PortForward(string RouterAddress, string Key, string Cookie, int TaskPort, bool UseUdp) : RuntimeAction;

    /// <summary>Serve an HTTP port of the task to browsers.</summary>
    public sealed record Webserver(string RouterAddress, string Key, string Cookie, int TaskPort) : RuntimeAction;

    /// <summary>Connect the task's rsync daemon.</summary>
    public sealed record Rsync(string RouterAddress, string Key, string Cookie, bool EnableTelemetry) : RuntimeAction;
}
