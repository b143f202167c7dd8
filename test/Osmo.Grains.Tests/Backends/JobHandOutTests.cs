using Osmo.Grains.Interfaces;
using Osmo.Grains.Tests.Support;

namespace Osmo.Grains.Tests.Backends;

/// <summary>Who gets which job when (contract: backend-protocol §7, §10.3).</summary>
[Collection(GrainTests.Name)]
public sealed class JobHandOutTests(SharedWorld shared) : IDisposable
{
    private static readonly TimeSpan Lease = JobLease.Length;

    private readonly World _world = shared.World;

    /// <summary>Leases and pauses end when a test says so.</summary>
    private readonly IDisposable _still = shared.World.Clock.StandStill();

    public void Dispose() => _still.Dispose();

    private IBackendGrain NewBackend() => _world.Grains.GetGrain<IBackendGrain>(_world.NewName("backend"));

    [Fact]
    public async Task Jobs_OfOneLane_AreHandedOutOneAtATimeInOrder()
    {
        var backend = NewBackend();
        await backend.AddJobs([Job("second", "lane", 2), Job("first", "lane", 1), Job("other", "aside", 3)]);

        Assert.Equal("first", (await backend.NextJob("a", default))?.JobId);
        Assert.Equal("other", (await backend.NextJob("b", default))?.JobId);
        var waiting = Ask(backend, "c");
        Assert.False(await backend.RenewJob("c", "second"));
        Assert.False(waiting.IsCompleted);
        await backend.CloseJob("a", "first");
        Assert.Equal("second", (await waiting.WaitAsync(World.Patience))?.JobId);
    }

    [Fact]
    public async Task Jobs_ThatAreUrgent_OvertakeOtherLanesButNotTheirOwn()
    {
        var backend = NewBackend();
        await backend.AddJobs([Job("create-1", "lane-1", 1), Job("create-2", "lane-2", 2), Job("urgent-2", "lane-2", 3) with { IsUrgent = true }]);
        await backend.AddJobs([Job("urgent-3", "lane-3", 4) with { IsUrgent = true }]);

        Assert.Equal("urgent-3", (await backend.NextJob("a", default))?.JobId);
        Assert.Equal("create-1", (await backend.NextJob("b", default))?.JobId);
        Assert.Equal("create-2", (await backend.NextJob("c", default))?.JobId);
        await backend.CloseJob("c", "create-2");
        await backend.AddJobs([Job("create-4", "lane-4", 0)]);
        Assert.Equal("urgent-2", (await backend.NextJob("c", default))?.JobId);
        Assert.Equal("create-4", (await backend.NextJob("d", default))?.JobId);
    }

    [Fact]
    public async Task Jobs_AddedBeforeAHeldOneOfTheirLane_WaitForIt()
    {
        var backend = NewBackend();
        await backend.AddJobs([Job("held", "lane", 5)]);
        await backend.NextJob("a", default);
        await backend.AddJobs([Job("earlier", "lane", 4)]);
        await backend.AddJobs([Job("earliest", "lane", 3), Job("marker", "aside", 9)]);

        Assert.Equal("marker", (await backend.NextJob("b", default))?.JobId);
        await backend.EndSession("a");
        Assert.Equal("earliest", (await backend.NextJob("c", default))?.JobId);
        var waiting = Ask(backend, "d");
        Assert.False(await backend.RenewJob("d", "earlier"));
        Assert.False(waiting.IsCompleted);
        await backend.CloseJob("c", "earliest");
        Assert.Equal("earlier", (await waiting.WaitAsync(World.Patience))?.JobId);
    }

    [Fact]
    public async Task NextJob_AskedAgain_GivesTheSameJob()
    {
        var backend = NewBackend();
        await backend.AddJobs([Job("one", "x", 1), Job("two", "y", 2)]);
        Assert.Equal("one", (await backend.NextJob("a", default))?.JobId);
        Assert.Equal("one", (await backend.NextJob("a", default))?.JobId);
    }

    [Fact]
    public async Task NextJob_OfManyWorkers_GivesEachJobOnce()
    {
        var backend = NewBackend();
        var polls = Enumerable.Range(0, 20).Select(worker => Ask(backend, $"worker{worker}")).ToList();
        await backend.AddJobs([.. Enumerable.Range(0, 20).Select(job => Job($"job{job}", $"lane{job}", job))]);

        var taken = await Task.WhenAll(polls).WaitAsync(World.Patience);
        Assert.Equal(20, taken.Select(ticket => ticket!.JobId).Distinct().Count());
    }

    [Fact]
    public async Task EndSession_WhileItWaits_LeavesTheJobToOthers()
    {
        var backend = NewBackend();
        await backend.AddJobs([Job("none", "x", 1)]);
        await backend.NextJob("a", default);
        await backend.CloseJob("a", "none");
        var poll = backend.NextJob("a", default);
        Assert.False(await backend.RenewJob("a", "none"));
        await backend.EndSession("a");
        Assert.Null(await poll.WaitAsync(World.Patience));
        await backend.AddJobs([Job("one", "x", 1)]);

        Assert.Equal("one", (await Ask(backend, "b"))?.JobId);
    }

    [Fact]
    public async Task Lease_NotRenewed_PassesTheJobOn()
    {
        var backend = NewBackend();
        await backend.AddJobs([Job("one", "x", 1)]);
        await backend.NextJob("silent", default);
        _world.Clock.Advance(Lease / 2);
        Assert.True(await backend.RenewJob("silent", "one"));
        _world.Clock.Advance(Lease - TimeSpan.FromSeconds(1));
        await backend.AddJobs([Job("two", "y", 2)]);
        Assert.Equal("two", (await backend.NextJob("b", default))?.JobId);

        _world.Clock.Advance(TimeSpan.FromSeconds(2));
        Assert.Equal("one", (await backend.NextJob("c", default))?.JobId);
        Assert.False(await backend.RenewJob("silent", "one"));
        Assert.Equal(0, await backend.ReturnJob("silent", "none"));

        // What it says of the job by now counts no more.
        await backend.CloseJob("silent", "one");
        Assert.True(await backend.RenewJob("c", "one"));
    }

    [Fact]
    public async Task Lease_WhenTheClockIsPutForward_StaysWithItsHolder()
    {
        var backend = NewBackend();
        await backend.AddJobs([Job("one", "x", 1), Job("two", "y", 2)]);
        await backend.NextJob("a", default);
        using var corrected = new Correction(_world.Clock, Lease * 2);

        Assert.Equal("two", (await backend.NextJob("b", default))?.JobId);
        Assert.True(await backend.RenewJob("a", "one"));
    }

    [Fact]
    public async Task Lease_WhenTheClockIsPutBack_EndsInTime()
    {
        var backend = NewBackend();
        await backend.AddJobs([Job("one", "x", 1)]);
        await backend.NextJob("silent", default);
        using var corrected = new Correction(_world.Clock, TimeSpan.FromHours(-1));
        _world.Clock.Advance(Lease * 2);

        Assert.Equal("one", (await backend.NextJob("b", default))?.JobId);
        Assert.False(await backend.RenewJob("silent", "one"));
    }

    [Fact]
    public async Task ReturnJob_WhenTheClockIsPutBack_ComesBackByItself()
    {
        var backend = NewBackend();
        await backend.AddJobs([Job("one", "x", 1)]);
        await backend.NextJob("a", default);
        await backend.ReturnJob("a", "one");
        using var corrected = new Correction(_world.Clock, TimeSpan.FromHours(-1));
        _still.Dispose();

        Assert.Equal("one", (await Ask(backend, "a"))?.JobId);
    }

    [Fact]
    public async Task EndSession_WithAJob_PassesItOnAtOnce()
    {
        var backend = NewBackend();
        await backend.AddJobs([Job("one", "x", 1)]);
        await backend.NextJob("a", default);
        var waiting = Ask(backend, "b");
        await backend.EndSession("a");
        Assert.Equal("one", (await waiting.WaitAsync(World.Patience))?.JobId);
    }

    [Fact]
    public async Task NextJob_OfALaterConnectionOfTheWorker_TakesWhatTheEarlierHolds()
    {
        var backend = NewBackend();
        await backend.AddJobs([Job("one", "x", 1)]);
        Assert.Equal("one", (await backend.NextJob("worker/9", default))?.JobId);
        Assert.Equal("one", (await backend.NextJob("worker/10", default))?.JobId);
        await backend.CloseJob("worker/10", "one");
    }

    [Fact]
    public async Task NextJob_OfALaterConnectionOfTheWorker_EndsTheWaitOfTheEarlier()
    {
        var backend = NewBackend();
        var earlier = backend.NextJob("worker/1", default);
        Assert.False(await backend.RenewJob("worker/1", "none"));
        var later = Ask(backend, "worker/2");
        Assert.Null(await earlier.WaitAsync(World.Patience));
        await backend.AddJobs([Job("one", "x", 1)]);
        Assert.Equal("one", (await later.WaitAsync(World.Patience))?.JobId);
    }

    [Fact]
    public async Task NextJob_OfAnotherWorkersConnection_LeavesTheJobWithItsHolder()
    {
        var backend = NewBackend();
        await backend.AddJobs([Job("one", "x", 1), Job("two", "y", 2)]);
        Assert.Equal("one", (await backend.NextJob("a/1", default))?.JobId);
        Assert.Equal("two", (await backend.NextJob("b/2", default))?.JobId);
        Assert.Equal("one", (await backend.NextJob("a/1", default))?.JobId);
    }

    [Fact]
    public async Task EndSession_AgainAndAgain_IsCountedInTheTicketAndPauses()
    {
        var backend = NewBackend();
        await backend.AddJobs([Job("one", "x", 1)]);
        for (var breaks = 0; breaks < 8; breaks++)
        {
            var session = $"session{breaks}";
            Assert.Equal(breaks, (await backend.NextJob(session, default))?.Breaks);
            if (breaks % 2 == 0)
            {
                await backend.EndSession(session);
            }
            else
            {
                _world.Clock.Advance(Lease * 2);
            }

            if (breaks > 0)
            {
                // After the first there is a pause, and no time passes.
                await backend.AddJobs([Job($"other{breaks}", "y", 2)]);
                Assert.Equal($"other{breaks}", (await backend.NextJob("aside", default))?.JobId);
                await backend.CloseJob("aside", $"other{breaks}");
            }

            _world.Clock.Advance(TimeSpan.FromMinutes(1));
        }
    }

    [Fact]
    public async Task ReturnJob_CountsAndPauses()
    {
        var backend = NewBackend();
        await backend.AddJobs([Job("one", "x", 1)]);
        for (var handOut = 1; handOut <= 7; handOut++)
        {
            Assert.Equal("one", (await backend.NextJob("a", default))?.JobId);
            Assert.Equal(handOut, await backend.ReturnJob("a", "one"));
            await backend.AddJobs([Job($"other{handOut}", "y", 2)]);
            Assert.Equal($"other{handOut}", (await backend.NextJob("a", default))?.JobId);
            await backend.CloseJob("a", $"other{handOut}");
            _world.Clock.Advance(TimeSpan.FromMinutes(1));
        }
    }

    [Fact]
    public async Task ReturnJob_Paused_ComesBackByItself()
    {
        var backend = NewBackend();
        await backend.AddJobs([Job("one", "x", 1)]);
        await backend.NextJob("a", default);
        await backend.ReturnJob("a", "one");
        _still.Dispose();
        Assert.Equal("one", (await Ask(backend, "a"))?.JobId);
    }

    /// <summary>As a gateway does: it asks again when the grain has held the call for long enough.</summary>
    private static Task<JobTicket?> Ask(IBackendGrain backend, string session) =>
        World.Ask(cancellation => backend.NextJob(session, cancellation), ticket => ticket is not null);

    private static JobTicket Job(string id, string lane, long order) => new(id, "workflow", lane, order);
}
