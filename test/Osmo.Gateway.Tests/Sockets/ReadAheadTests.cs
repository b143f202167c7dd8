using Osmo.Gateway.Sockets;

namespace Osmo.Gateway.Tests.Sockets;

public sealed class ReadAheadTests
{
    private static readonly byte[] Kilobyte = new byte[1 << 10];

    [Fact]
    public async Task Add_BeyondTheBytes_WaitsUntilOneIsTaken()
    {
        var ahead = new ReadAhead(bytesMax: 3 * Kilobyte.Length);
        Assert.True(ahead.Add(Kilobyte).IsCompletedSuccessfully);
        Assert.True(ahead.Add(Kilobyte).IsCompletedSuccessfully);
        var full = ahead.Add(Kilobyte);
        Assert.False(full.IsCompleted);
        Assert.NotNull(await ahead.Take(default));
        await full.WaitAsync(TimeSpan.FromMinutes(2));
        Assert.False(ahead.Add(Kilobyte).IsCompleted);
    }

    [Fact]
    public async Task End_LetsWhoAddsGo_AndWhatIsThereBeTaken()
    {
        var ahead = new ReadAhead(bytesMax: 1);
        var full = ahead.Add(Kilobyte);
        ahead.End(new MessageTooBigException("too big"));
        await full.WaitAsync(TimeSpan.FromMinutes(2));
        Assert.True(ahead.Add(Kilobyte).IsCompletedSuccessfully);
        Assert.Equal(Kilobyte.Length, (await ahead.Take(default))!.Value.Length);
        await Assert.ThrowsAsync<MessageTooBigException>(async () => await ahead.Take(default));
    }

    [Fact]
    public async Task End_WithoutAFailure_IsTheEnd()
    {
        var ahead = new ReadAhead(bytesMax: 1);
        ahead.End();
        Assert.Null(await ahead.Take(default));
    }
}
