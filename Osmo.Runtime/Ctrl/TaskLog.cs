using Osmo.Protocol.Runtime;

namespace Osmo.Runtime.Ctrl;

/// <summary>The task's log as ctrl writes it: to the control plane, and ctrl's own lines also to its container's log.</summary>
internal sealed class TaskLog(LogBuffer buffer, GoLog containerLog, string source, TimeProvider time)
{
    public string Source => source;

    /// <summary>A line of the runtime itself.</summary>
    public async ValueTask Write(LogStream stream, string text, CancellationToken cancellation)
    {
        containerLog.Print(text);
        await buffer.Add(new CtrlMessage.Line(stream, source, time.GetUtcNow(), text), cancellation);
    }

    /// <summary>A line of the user's command; osmo_exec prints it to its own container's log.</summary>
    public ValueTask Relay(LogStream stream, string text, CancellationToken cancellation) =>
        buffer.Add(new CtrlMessage.Line(stream, source, time.GetUtcNow(), text), cancellation);

    /// <summary>Something that only concerns who looks after this container.</summary>
    public void Note(string text) => containerLog.Print(text);

    public ValueTask Send(CtrlMessage message, CancellationToken cancellation) => buffer.Add(message, cancellation);
}
