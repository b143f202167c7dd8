using System.Threading.Channels;
using Osmo.Gateway.Sockets;
using Osmo.Protocol.Backend;

namespace Osmo.Gateway.Operators;

/// <summary>Acknowledgements on their way to a listener: those that are ready at the same moment go out together.</summary>
/// <param name="capacity">Who acknowledges more than this waits for the listener to read.</param>
internal sealed class Acknowledgements(MessageSocket socket, int capacity)
{
    /// <summary>Sent together.</summary>
    private const int BatchMax = 256;

    private readonly Channel<string> _uuids = Channel.CreateBounded<string>(new BoundedChannelOptions(capacity) { SingleReader = true });

    public ValueTask Add(string uuid, CancellationToken cancellation) => _uuids.Writer.WriteAsync(uuid, cancellation);

    /// <summary>Sends until the connection ends. What was not sent by then the listener brings again.</summary>
    public async Task Run(CancellationToken cancellation)
    {
        var frames = new List<ReadOnlyMemory<byte>>(BatchMax);
        while (await _uuids.Reader.WaitToReadAsync(cancellation))
        {
            frames.Clear();
            while (frames.Count < BatchMax && _uuids.Reader.TryRead(out var uuid))
            {
                frames.Add(BackendCodec.Encode(new BackendMessage.Ack(uuid), Guid.NewGuid().ToString("N")));
            }

            await socket.SendTexts(frames, cancellation);
        }
    }
}
