using System.CommandLine;
using System.Diagnostics;
using Osmo.Testing;

namespace Osmo.Bench.Engine;

/// <summary><c>engine</c>: what a grain call costs, beside the thread hop that a call from outside cannot do without.</summary>
internal static class EngineBench
{
    public static Command Command()
    {
        var calls = new Option<int>("--calls") { Description = "How many calls each figure is taken over.", DefaultValueFactory = _ => 300_000 };
        var command = new Command("engine", "Grain calls in the process, on the engine this program was built for.") { calls };
        command.SetAction((result, _) => Run(result.GetValue(calls)));
        return command;
    }

    private static async Task Run(int calls)
    {
        await using var silo = await TestSilo.Start(new TestSiloSettings { Grains = [typeof(PingGrain).Assembly] }, _ => { });
        var grain = silo.Grains.GetGrain<IPingGrain>("a");
        using var source = new CancellationTokenSource();

        await Report("thread pool hop (raw)", calls, Hops);
        await Report("call from outside", calls, async count =>
        {
            for (var i = 0; i < count; i++) await grain.Ping(i);
        });
        await Report("call from outside, cancellable", calls, async count =>
        {
            for (var i = 0; i < count; i++) await grain.PingWithToken(i, source.Token);
        });
        await Report("call from grain to grain", calls, count => grain.CallOther("b", count));
        await Report("calls from 64 callers to 64 grains", calls, count => Task.WhenAll(Enumerable.Range(0, 64).Select(caller => Task.Run(async () =>
        {
            var own = silo.Grains.GetGrain<IPingGrain>($"grain {caller}");
            for (var i = 0; i < count / 64; i++) await own.Ping(i);
        }))));
        await Report("first call of a grain", calls / 10, async count =>
        {
            var round = Guid.NewGuid();
            for (var i = 0; i < count; i++) await silo.Grains.GetGrain<IPingGrain>($"{round} {i}").Ping(i);
        });
    }

    /// <summary>A work item and a completed task: the least that any hand-over to another thread and back takes.</summary>
    private static async Task Hops(int count)
    {
        for (var i = 0; i < count; i++)
        {
            var done = new TaskCompletionSource<int>(TaskCreationOptions.RunContinuationsAsynchronously);
            ThreadPool.UnsafeQueueUserWorkItem(static done => done.SetResult(1), done, preferLocal: true);
            await done.Task;
        }
    }

    private static async Task Report(string what, int calls, Func<int, Task> run)
    {
        await run(calls / 10);
        var allocated = GC.GetTotalAllocatedBytes(precise: true);
        var processor = Environment.CpuUsage.TotalTime;
        var start = Stopwatch.GetTimestamp();
        await run(calls);
        var time = Stopwatch.GetElapsedTime(start);
        processor = Environment.CpuUsage.TotalTime - processor;
        allocated = GC.GetTotalAllocatedBytes(precise: true) - allocated;
        Console.WriteLine($"  {what,-36} {time.TotalNanoseconds / calls,8:F0} ns  {processor.TotalNanoseconds / calls,8:F0} ns of processor  {(double)allocated / calls,6:F0} bytes");
    }
}
