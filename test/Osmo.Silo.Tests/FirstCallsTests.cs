using Microsoft.Extensions.Logging.Abstractions;
using Orleans.Runtime;
using Osmo.Storage.State;
using Osmo.Testing;

namespace Osmo.Silo.Tests;

public sealed class FirstCallsTests
{
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(1);

    private readonly ManualTime _time = new();
    private int _made;

    public static TheoryData<Exception> Passing => [new OrleansException("starting"), new TimeoutException(), new StateStoreException("busy", isTransient: true)];

    public static TheoryData<Exception> Lasting => [new InvalidOperationException(), new OrleansException("stored", new StateStoreException("broken", isTransient: false))];

    [Theory]
    [MemberData(nameof(Passing))]
    public async Task Make_WhatPasses_IsMadeAgainAfterAPause(Exception failure)
    {
        var making = Make(failures: 2, failure);
        for (var failures = 0; failures < 2; failures++)
        {
            await _time.TimerDueWithin(FirstCalls.Pause);
            _time.Advance(FirstCalls.Pause);
        }

        Assert.Equal(3, await making.WaitAsync(Patience));
    }

    [Theory]
    [MemberData(nameof(Lasting))]
    public async Task Make_WhatLasts_Throws(Exception failure)
    {
        Assert.Same(failure, await Assert.ThrowsAnyAsync<Exception>(() => Make(failures: 1, failure).WaitAsync(Patience)));
        Assert.Equal(1, _made);
    }

    [Fact]
    public async Task Make_UntilPatienceEnds_Throws()
    {
        var making = Make(failures: int.MaxValue, new TimeoutException("still"));
        await _time.TimerDueWithin(FirstCalls.Pause);
        _time.Advance(FirstCalls.Patience);

        Assert.Equal("still", (await Assert.ThrowsAsync<TimeoutException>(() => making.WaitAsync(Patience))).Message);
        Assert.Equal(2, _made);
    }

    private Task<int> Make(int failures, Exception failure) => new FirstCalls(_time, NullLogger<FirstCalls>.Instance).Make(
        () => ++_made <= failures ? Task.FromException<int>(failure) : Task.FromResult(_made), CancellationToken.None);
}
