using Osmo.Protocol.Runtime;
using Osmo.Runtime.Ctrl;

namespace Osmo.Runtime.Tests;

public class LogBufferTests
{
    [Fact]
    public async Task Acknowledge_CountsLinesOnlyAndFreesWhatCameBefore()
    {
        var buffer = new LogBuffer(10);
        var barrier = new CtrlMessage.Barrier("b", -1);
        await Add(buffer, Line(1), barrier, Line(2), barrier, Line(3));
        Assert.Equal(5, (await Take(buffer)).Count);

        Assert.True(buffer.Acknowledge(2));

        Assert.Equal(2, buffer.Rewind());
        Assert.Equal([barrier, Line(3)], await Take(buffer));
        Assert.False(buffer.Acknowledge(2));
    }

    [Fact]
    public async Task Rewind_UnacknowledgedAgainBeforeNewer()
    {
        var buffer = new LogBuffer(1000);
        await Add(buffer, [.. Enumerable.Range(1, 600).Select(Line)]);
        await Take(buffer);
        Assert.True(buffer.Acknowledge(250));
        Assert.Equal(250, buffer.Rewind());
        await Add(buffer, Line(601));

        Assert.Equal(Enumerable.Range(251, 351).Select(Line), await Take(buffer));
        Assert.True(buffer.Acknowledge(351));
        Assert.Equal(601, buffer.AcknowledgedLines);
    }

    [Fact]
    public async Task Add_Full_WaitsForSpaceButLetsControlMessagesIn()
    {
        var buffer = new LogBuffer(2);
        await Add(buffer, Line(1), Line(2));
        var waiting = buffer.Add(Line(3), CancellationToken.None).AsTask();
        await Add(buffer, new CtrlMessage.Barrier("b", -1));
        Assert.False(waiting.IsCompleted);

        Assert.Equal(3, (await Take(buffer)).Count);
        Assert.False(waiting.IsCompleted);
        buffer.Written();

        await waiting.WaitAsync(TaskPod.Limit);
        Assert.Equal([Line(3)], await Take(buffer));
    }

    [Fact]
    public async Task Take_Empty_WaitsForMessage()
    {
        var buffer = new LogBuffer(2);
        var taking = Take(buffer);
        Assert.False(taking.IsCompleted);
        await Add(buffer, Line(1));
        Assert.Equal([Line(1)], await taking.WaitAsync(TaskPod.Limit));
    }

    private static CtrlMessage Line(int number) => new CtrlMessage.Line(LogStream.Stdout, "t", DateTimeOffset.UnixEpoch, $"{number}");

    private static async Task Add(LogBuffer buffer, params CtrlMessage[] messages)
    {
        foreach (var message in messages)
            await buffer.Add(message, CancellationToken.None);
    }

    private static async Task<List<CtrlMessage>> Take(LogBuffer buffer)
    {
        var messages = new List<CtrlMessage>();
        await buffer.Take(messages, int.MaxValue, CancellationToken.None);
        return messages;
    }
}
