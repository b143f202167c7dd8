using Osmo.Grains.Interfaces;
using Osmo.Grains.Tests.Support;
using Osmo.Storage.State;
using Osmo.Workflows.Documents;
using Osmo.Workflows.Lifecycle;

namespace Osmo.Grains.Tests.Backends;

/// <summary>How the queue of a backend follows the rows, whoever says nothing of them.</summary>
[Collection(GrainTests.Name)]
public sealed class JobSweepTests(SharedWorld shared)
{
    private const int Queued = 20_000;
    private const int Late = 5;

    private readonly World _world = shared.World;

    [Fact]
    public async Task Sweep_WithManyQueuedJobs_FindsWhatIsNew_AndReadsOnlyThat()
    {
        var name = _world.NewName("backend");
        var backend = _world.Grains.GetGrain<IBackendGrain>(name);
        await Commit(name, Enumerable.Range(0, Queued).Select(number => Job(name, $"queued{number}", order: 1_000_000 + number)));
        Assert.Equal("queued0", (await World.Ask(cancellation => backend.NextJob("first", cancellation), ticket => ticket is not null))?.JobId);
        _world.Store.TakeRead(name);

        // Their commit was long under way, and whoever made it died before telling: their places are before all others.
        await Commit(name, Enumerable.Range(0, Late).Select(number => Job(name, $"late{number}", order: number)));
        for (var number = 0; number < Late; number++)
        {
            var found = await World.Eventually(() => Take($"late{number}"), taken => taken);
            Assert.True(found);
        }

        Assert.InRange(_world.Store.TakeRead(name), Late, 100);

        async Task<bool> Take(string wanted)
        {
            var ticket = await backend.NextJob(wanted, default);
            if (ticket?.JobId == wanted)
            {
                return true;
            }

            await backend.EndSession(wanted);
            return false;
        }
    }

    private static JobDocument Job(string backend, string jobId, long order) =>
        new(backend, new string('a', 32), order, new BackendJob.CreateGroup { JobId = jobId, Group = jobId, Sequence = 0 });

    private async Task Commit(string backend, IEnumerable<JobDocument> jobs)
    {
        foreach (var batch in jobs.Chunk(500))
        {
            var writes = batch.Select(job => new RowWrite.Insert(new RowKey(RowKind.Job, backend, job.Job.JobId), DocumentRows.Write(job)));
            Assert.Equal(CommitOutcome.Committed, await _world.Store.Commit([.. writes]));
        }
    }
}
