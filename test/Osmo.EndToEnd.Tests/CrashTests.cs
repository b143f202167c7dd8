using Osmo.Testing;
using Xunit.Abstractions;

namespace Osmo.EndToEnd.Tests;

/// <summary>What was answered before a kill holds after the next start, and everything comes to its end.</summary>
public abstract class CrashTests(ITestOutputHelper output) : IDisposable
{
    private const int WorkflowsAtFirst = 4;

    private const int WorkflowsPerLife = 2;

    private const int TasksPerWorkflow = 3;

    /// <summary>Of about 120 lines and answers of the first workflows.</summary>
    private const int NewsMax = 50;

    private readonly DataDirectory _data = new();

    protected abstract string[] Database { get; }

    public void Dispose()
    {
        _data.Dispose();
        GC.SuppressFinalize(this);
    }

    protected async Task KillAndStartAgain(int seed, int kills)
    {
        var random = new Random(seed);
        var progress = new Progress();
        for (var life = 0; life < kills; life++)
        {
            var news = random.Next(1, NewsMax);
            output.WriteLine($"seed {seed}: kill {life + 1} after {news} lines, answers and ends");
            await LiveAndDie(progress, life == 0 ? WorkflowsAtFirst : WorkflowsPerLife, news);
        }

        await using var server = await Server.Start(_data, Database);
        using var user = server.User("ann");
        await Keeps(progress, user);
        await Task.WhenAll(progress.Answered.Select(id => progress.Follow(user, id)));
        foreach (var id in progress.Answered)
        {
            Assert.Equal("COMPLETED", progress.Ends[id].Status);
            var log = (await user.Logs(id)).Split('\n');
            Assert.All(
                Enumerable.Range(1, TasksPerWorkflow),
                step => Assert.Single(log, line => line.EndsWith($"[step-{step}] done step-{step}", StringComparison.Ordinal)));
        }

        // Also those whose submit was not answered.
        var all = (await user.Read("/api/workflow?all_pools=true&limit=100"))["workflows"]!.AsArray();
        var ended = await Task.WhenAll(all.Select(entry => user.End(entry!["name"]!.GetValue<string>())));
        Assert.All(ended, workflow => Assert.Equal("COMPLETED", Progress.EndOf(workflow).Status));
        await _data.Tidy();
    }

    private async Task LiveAndDie(Progress progress, int workflows, int news)
    {
        await using var server = await Server.Start(_data, Database);
        using var user = server.User("ann");
        await Keeps(progress, user);
        var enough = progress.News(news);
        var doings = progress.Answered.Except(progress.Ends.Keys).Select(id => progress.Follow(user, id))
            .Concat(Enumerable.Range(0, workflows).Select(_ => progress.Submit(user, Specs.Chain("chain", TasksPerWorkflow)))).ToList();
        var all = Task.WhenAll(doings);
        await Task.WhenAny(enough, all).WaitAsync(StandaloneProcess.Limit);
        await server.Kill();
        await Task.WhenAll(doings.Select(CutShort));
    }

    /// <summary>What was answered is there; what had ended has ended like that.</summary>
    private static async Task Keeps(Progress progress, User user)
    {
        foreach (var id in progress.Answered)
        {
            var now = Progress.EndOf(await user.Workflow(id));
            if (progress.Ends.TryGetValue(id, out var end))
            {
                Assert.Equal(end, now);
            }
        }
    }

    private static async Task CutShort(Task doing)
    {
        try
        {
            await doing;
        }
        catch (Exception error) when (error is HttpRequestException or IOException)
        {
            // The other side has just been killed.
        }
    }
}

[Collection(Lanes.Second)]
public sealed class SqliteCrashTests(ITestOutputHelper output) : CrashTests(output)
{
    protected override string[] Database => [];

    [Theory]
    [InlineData(1)]
    public Task Kill_ThreeTimes_LosesNothing(int seed) => KillAndStartAgain(seed, kills: 3);
}

[Collection(Lanes.Second), NeedsPostgres]
public sealed class PostgresCrashTests(ITestOutputHelper output) : CrashTests(output), IAsyncLifetime
{
    private PostgresServer? _server;

    protected override string[] Database => ["--database", _server!.Address("postgres")];

    public async Task InitializeAsync()
    {
        if (PostgresServer.SkipReason is null)
        {
            _server = await PostgresServer.Start();
        }
    }

    public async Task DisposeAsync()
    {
        if (_server is not null)
        {
            await _server.DisposeAsync();
        }
    }

    [DatabaseFact]
    public Task Kill_Once_LosesNothing() => KillAndStartAgain(seed: 2, kills: 1);
}
