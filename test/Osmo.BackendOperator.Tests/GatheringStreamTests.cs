using System.Text;
using Osmo.BackendOperator.Connection;

namespace Osmo.BackendOperator.Tests;

/// <summary>Writes that wait for each other, and those that come between.</summary>
public sealed class GatheringStreamTests
{
    [Fact]
    public async Task Writes_WhileItGathers_TravelTogetherAndInOrder()
    {
        var wire = new RecordingStream();
        await using var stream = new GatheringStream(wire);
        await stream.WriteAsync("a"u8.ToArray());
        stream.Gather();
        await stream.WriteAsync("b"u8.ToArray());
        await stream.WriteAsync("c"u8.ToArray());
        Assert.Equal(["a"], wire.Writes);
        await stream.PassOnAsync(default);
        await stream.WriteAsync("d"u8.ToArray());

        Assert.Equal(["a", "bc", "d"], wire.Writes);
    }

    [Fact]
    public async Task Write_WhileWhatWasGatheredIsPassedOn_ComesAfterIt()
    {
        var wire = new RecordingStream { Gate = new TaskCompletionSource() };
        await using var stream = new GatheringStream(wire);
        stream.Gather();
        await stream.WriteAsync("gathered"u8.ToArray());
        var passing = stream.PassOnAsync(default).AsTask();
        var ping = stream.WriteAsync("ping"u8.ToArray()).AsTask();
        Assert.False(ping.IsCompleted);
        wire.Gate.SetResult();
        await Task.WhenAll(passing, ping).WaitAsync(Waiting.Deadline());

        Assert.Equal(["gathered", "ping"], wire.Writes);
    }

    [Fact]
    public async Task Writes_OfManyBytes_DoNotWaitForTheEnd()
    {
        var wire = new RecordingStream();
        await using var stream = new GatheringStream(wire);
        stream.Gather();
        await stream.WriteAsync(new byte[100_000]);
        await stream.WriteAsync("rest"u8.ToArray());

        Assert.Equal(100_000, Assert.Single(wire.Writes).Length);
    }

    private sealed class RecordingStream : MemoryStream
    {
        public List<string> Writes { get; } = [];

        public TaskCompletionSource? Gate { get; init; }

        public override async ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default)
        {
            var text = Encoding.ASCII.GetString(buffer.Span);
            if (Gate is { } gate)
            {
                await gate.Task.WaitAsync(cancellationToken);
            }

            Writes.Add(text);
        }
    }
}
