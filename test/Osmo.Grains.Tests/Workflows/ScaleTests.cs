using System.Collections.Immutable;
using System.Text;
using Osmo.Grains.Interfaces;
using Osmo.Grains.Tests.Support;
using Osmo.Workflows.Lifecycle;

namespace Osmo.Grains.Tests.Workflows;

/// <summary>Alone on the machine, as far as tests go: a thousand tasks leave others no time to be punctual.</summary>
[CollectionDefinition(nameof(ScaleTests), DisableParallelization = true)]
public sealed class ScaleCollection;

/// <summary>Workflows of a thousand tasks run through, and what an event writes does not depend on how many there are.</summary>
[Collection(nameof(ScaleTests))]
public sealed class ScaleTests : IAsyncLifetime
{
    private const int Many = 1000;

    /// <summary>A thousand files, each synced to a disk that others use too.</summary>
    private static readonly TimeSpan ArchiveTime = TimeSpan.FromMinutes(5);

    /// <summary>Names of the same length, so that documents are too.</summary>
    private const string Digits = "D4";

    private World _world = null!;

    public async Task InitializeAsync()
    {
        _world = await World.Start();
        await _world.Grains.GetGrain<IWakeGrain>(IWakeGrain.Key).Start();
        await _world.Configure(snapshot => snapshot with { Workflow = snapshot.Workflow with { MaxNumTasks = 2 * Many } });
    }

    public async Task DisposeAsync() => await _world.DisposeAsync();

    [Fact]
    public async Task Gang_OfAThousand_RunsThrough()
    {
        var workflow = await Submitted.Of(_world, Gang(Many));
        var worker = workflow.Operator();
        Assert.Equal(Many, (await worker.Do("CreateGroup")).Document["k8s_resources"]!.AsArray().Count(item => item!["kind"]!.GetValue<string>() == "Pod"));
        await ReportAll(workflow, "RUNNING");
        foreach (var barrier in Enumerable.Range(0, Many).Chunk(100))
        {
            await Task.WhenAll(barrier.Select(number => World.Retry(() => workflow.Grain.ReachBarrier(Name(number), 0))));
        }

        Assert.True((await workflow.Grain.AttachRuntime(Name(0), 0)).BarrierReleased);
        await workflow.Report(Name(0), "COMPLETED", exitCode: 0);
        await worker.Do("CleanupGroup");

        Assert.Equal(WorkflowStatus.Completed, (await workflow.Archived(ArchiveTime)).Status);
        Assert.All(await workflow.Tasks(), task => Assert.Equal(TaskGroupStatus.Completed, task.Status));
    }

    [Fact]
    public async Task Chain_OfAThousand_RunsThrough()
    {
        var workflow = await Submitted.Of(_world, Chain(Many));
        await RunChain(workflow, 0, Many);
        Assert.Equal(WorkflowStatus.Completed, (await workflow.Archived(ArchiveTime)).Status);
    }

    [Fact]
    public async Task Event_OfAGang_WritesTheSameWhateverItsSize()
    {
        var written = new List<(Written Running, Written Barrier, Written Ended)>();
        foreach (var size in (int[])[10, 100, Many])
        {
            var workflow = await Submitted.Of(_world, Gang(size));
            await workflow.Operator().Do("CreateGroup");
            await workflow.Run(Name(0), Name(1));
            _world.Store.TakeWritten(workflow.Uuid);
            await workflow.Run(Name(2));
            var running = _world.Store.TakeWritten(workflow.Uuid);
            await workflow.Grain.ReachBarrier(Name(2), 0);
            var barrier = _world.Store.TakeWritten(workflow.Uuid);
            await workflow.Report(Name(2), "FAILED", exitCode: 1);
            written.Add((running, barrier, _world.Store.TakeWritten(workflow.Uuid)));
        }

        Assert.Equal((1, 1, 1), (written[0].Running.Rows, written[0].Barrier.Rows, written[0].Ended.Rows));
        Assert.All(written, sizes => Assert.Equal(Rounded(written[0]), Rounded(sizes)));

        // The workflow's number grows by digits.
        static (int, int, int) Rounded((Written Running, Written Barrier, Written Ended) sizes) => (sizes.Running.Bytes / 100, sizes.Barrier.Bytes / 100, sizes.Ended.Bytes / 100);
    }

    [Fact]
    public async Task Step_OfAChain_WritesTheSameWhateverItsLength()
    {
        var written = new List<Written>();
        foreach (var length in (int[])[10, 100, Many])
        {
            var workflow = await Submitted.Of(_world, Chain(length));
            await RunChain(workflow, 0, 2);
            _world.Store.TakeWritten(workflow.Uuid);
            _world.Store.TakeWritten(workflow.Backend);
            await RunChain(workflow, 2, 1);
            written.Add(_world.Store.TakeWritten(workflow.Uuid) + _world.Store.TakeWritten(workflow.Backend));
        }

        Assert.All(written, step => Assert.Equal((written[0].Rows, written[0].Bytes / 100), (step.Rows, step.Bytes / 100)));
    }

    private static async Task RunChain(Submitted workflow, int first, int count)
    {
        var worker = workflow.Operator();
        for (var number = first; number < first + count; number++)
        {
            await Take("CreateGroup", number);
            await workflow.Run(Name(number));
            await workflow.Report(Name(number), "COMPLETED", exitCode: 0);
            await Take("CleanupGroup", number);
        }

        async Task Take(string type, int number)
        {
            var job = await worker.Do(type);
            Assert.Equal($"{Name(number)}-group", job.Group);
        }
    }

    private static async Task ReportAll(Submitted workflow, string status)
    {
        foreach (var part in (await workflow.Tasks()).Chunk(100))
        {
            ImmutableArray<PodReport> reports = [.. part.Select(task => new PodReport.StatusChanged(task.Uuid, 0, "", status, null, "node-1", "10.0.0.1"))];
            await World.Retry(() => workflow.Grain.ReportPods(workflow.Backend, reports));
        }
    }

    private static string Name(int number) => $"t{number.ToString(Digits)}";

    private static string Gang(int size)
    {
        var text = new StringBuilder("workflow:\n  name: gang\n  groups:\n  - name: crew\n    tasks:\n");
        for (var number = 0; number < size; number++)
        {
            text.Append($"    - {{name: {Name(number)}, image: 'ubuntu:24.04', command: ['true'], lead: {(number == 0 ? "true" : "false")}}}\n");
        }

        return text.ToString();
    }

    private static string Chain(int length)
    {
        var text = new StringBuilder("workflow:\n  name: chain\n  tasks:\n");
        for (var number = 0; number < length; number++)
        {
            var inputs = number == 0 ? "" : $", inputs: [{{task: {Name(number - 1)}}}]";
            text.Append($"  - {{name: {Name(number)}, image: 'ubuntu:24.04', command: ['true']{inputs}}}\n");
        }

        return text.ToString();
    }
}
