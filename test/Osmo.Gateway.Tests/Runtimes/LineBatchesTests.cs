using Osmo.Gateway.Runtimes;
using Osmo.Gateway.Tests.Hosting;
using Osmo.Protocol.Runtime;

namespace Osmo.Gateway.Tests.Runtimes;

public sealed class LineBatchesTests
{
    private static readonly DateTimeOffset Noon = new(2026, 8, 1, 12, 0, 0, TimeSpan.Zero);

    [Fact]
    public async Task Add_LinesThatAreRenderedToNothing_WaitsToo()
    {
        using var batches = new LineBatches(new LineRenderer("hello", 0, []));
        var nothing = new CtrlMessage.Line(LogStream.OsmoCtrl, "hello", Noon, "");
        const int Count = (LineBatches.PendingBytesMax / LineBatch.BytesMin) + 1;
        var adding = batches.Add([.. Enumerable.Repeat(nothing, Count)], CancellationToken.None);
        Assert.False(adding.IsCompleted);

        var taken = 0;
        while (!adding.IsCompleted && taken < Count)
        {
            var batch = await batches.Take(CancellationToken.None).Soon();
            Assert.Equal((1, 0), (batch!.Lines, batch.Rows));
            taken++;
        }

        await adding.AsTask().Soon();
        Assert.InRange(taken, 1, Count);
    }

    [Fact]
    public async Task Add_EmptyLinesOfTheUser_StayInTheBatch()
    {
        using var batches = new LineBatches(new LineRenderer("hello", 0, []));
        await batches.Add([.. ((string[])["one", "", "", "two"]).Select(text => new CtrlMessage.Line(LogStream.Stdout, "hello", Noon, text))], CancellationToken.None);

        var batch = await batches.Take(CancellationToken.None).Soon();

        Assert.Equal((4, 4), (batch!.Lines, batch.Rows));
    }
}
