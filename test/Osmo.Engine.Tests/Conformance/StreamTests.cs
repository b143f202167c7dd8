using System.Runtime.CompilerServices;
using Microsoft.Extensions.DependencyInjection;
using Orleans.Runtime;
using Osmo.Engine.Tests.Support;
using Osmo.Testing;

namespace Osmo.Engine.Tests.Conformance;

[Alias("osmo.test.IStreamGrain")]
public interface IStreamGrain : IGrainWithStringKey
{
    [Alias("Count")]
    IAsyncEnumerable<int> Count(int to);

    /// <summary>Numbers without end, each as soon as the gate of its number opens.</summary>
    [Alias("Follow")]
    IAsyncEnumerable<int> Follow(CancellationToken cancellation = default);

    [Alias("Fail")]
    IAsyncEnumerable<int> Fail(int after);

    [Alias("Ping")]
    Task Ping();

    [Alias("Leave")]
    Task Leave();
}

public sealed class StreamGrain(Probe probe) : Grain, IStreamGrain
{
    private string Key => this.GetPrimaryKeyString();

    public async IAsyncEnumerable<int> Count(int to)
    {
        for (var i = 1; i <= to; i++)
        {
            if (i % 7 == 0) await Task.Yield();
            yield return i;
        }
    }

    public async IAsyncEnumerable<int> Follow([EnumeratorCancellation] CancellationToken cancellation)
    {
        var scheduler = TaskScheduler.Current;
        try
        {
            for (var i = 1; ; i++)
            {
                probe.Tell(Key, $"waits for {i}");
                await probe.Gate($"{Key} {i}").WaitAsync(cancellation);
                yield return i;
            }
        }
        finally
        {
            probe.Tell(Key, TaskScheduler.Current == scheduler ? "ended" : "ended elsewhere");
        }
    }

    public async IAsyncEnumerable<int> Fail(int after)
    {
        await foreach (var number in Count(after)) yield return number;
        throw new InvalidOperationException("No more.");
    }

    public Task Ping() => Task.CompletedTask;

    public Task Leave()
    {
        DeactivateOnIdle();
        return Task.CompletedTask;
    }
}

public sealed class StreamTests(EngineFixture engine) : ConformanceTest(engine)
{
    [Theory]
    [InlineData(0, 100)]
    [InlineData(1, 100)]
    [InlineData(250, 100)]
    [InlineData(250, 1)]
    public async Task Elements_OfAnyNumber_ComeInOrder(int count, int batch)
    {
        var grain = Grain<IStreamGrain>(out _);

        var numbers = new List<int>();
        await foreach (var number in grain.Count(count).WithBatchSize(batch)) numbers.Add(number);

        Assert.Equal(Enumerable.Range(1, count), numbers);
    }

    [Fact]
    public async Task Enumeration_WhileItWaits_LetsOtherCallsRun()
    {
        var grain = Grain<IStreamGrain>(out var key);
        await using var numbers = grain.Follow().GetAsyncEnumerator();
        Probe.Open($"{key} 1");
        Assert.True(await Soon(numbers.MoveNextAsync().AsTask()));

        var second = numbers.MoveNextAsync().AsTask();
        await Probe.Hear(key, "waits for 2");
        await Soon(grain.Ping());
        Probe.Open($"{key} 2");

        Assert.True(await Soon(second));
        Assert.Equal(2, numbers.Current);
    }

    [Fact]
    public async Task Enumeration_LeftEarly_EndsOnTheGrain()
    {
        var grain = Grain<IStreamGrain>(out var key);
        Probe.Open($"{key} 1");

        await foreach (var number in grain.Follow())
        {
            Assert.Equal(1, number);
            break;
        }

        await Probe.Hear(key, "ended");
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Enumeration_Cancelled_EndsOnBothSides(bool byArgument)
    {
        var grain = Grain<IStreamGrain>(out var key);
        using var source = new CancellationTokenSource();
        var numbers = byArgument ? grain.Follow(source.Token) : grain.Follow();
        await using var enumerator = numbers.GetAsyncEnumerator(byArgument ? CancellationToken.None : source.Token);
        Probe.Open($"{key} 1");
        Assert.True(await Soon(enumerator.MoveNextAsync().AsTask()));
        var second = enumerator.MoveNextAsync().AsTask();
        await Probe.Hear(key, "waits for 2");

        await source.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => Soon(second));
        await Probe.Hear(key, "ended");
    }

    [Fact]
    public async Task Enumeration_ThatFails_GivesItsElementsAndThenTheFailure()
    {
        var grain = Grain<IStreamGrain>(out _);
        var numbers = new List<int>();

        var exception = await Assert.ThrowsAsync<InvalidOperationException>(async () =>
        {
            await foreach (var number in grain.Fail(10).WithBatchSize(1)) numbers.Add(number);
        });

        Assert.Equal("No more.", exception.Message);
        Assert.Equal(10, numbers.Count);
    }

    [Fact]
    public async Task Enumeration_OfAnEndedActivation_IsAborted()
    {
        var grain = Grain<IStreamGrain>(out var key);
        await using var numbers = grain.Follow().GetAsyncEnumerator();
        Probe.Open($"{key} 1");
        Assert.True(await Soon(numbers.MoveNextAsync().AsTask()));

        await Soon(grain.Leave());
        await Soon(grain.Ping());

        await Assert.ThrowsAsync<EnumerationAbortedException>(() => Soon(numbers.MoveNextAsync().AsTask()));
        await Probe.Hear(key, "ended");
    }

    [Fact]
    public async Task Enumeration_Abandoned_EndsOnTheGrainAfterAWhile()
    {
        const string Key = "abandoned";
        var probe = new Probe();
        await using var silo = await TestSilo.Start(
            new TestSiloSettings { Grains = [typeof(StreamGrain).Assembly], EnumerationAge = TimeSpan.FromSeconds(4), CollectionQuantum = TimeSpan.FromSeconds(1) },
            services => services.AddSingleton(probe));
        var numbers = silo.Grains.GetGrain<IStreamGrain>(Key).Follow().GetAsyncEnumerator();
        probe.Open($"{Key} 1");
        Assert.True(await Soon(numbers.MoveNextAsync().AsTask()));

        await probe.Hear(Key, "ended");

        await Assert.ThrowsAsync<EnumerationAbortedException>(() => Soon(numbers.MoveNextAsync().AsTask()));
    }

    [Fact]
    public async Task Enumerations_OfOneGrain_AreIndependent()
    {
        var grain = Grain<IStreamGrain>(out _);

        var sums = await Soon(Task.WhenAll(Enumerable.Range(1, 20).Select(async to =>
        {
            var sum = 0;
            await foreach (var number in grain.Count(to * 10)) sum += number;
            return sum;
        })));

        Assert.Equal(Enumerable.Range(1, 20).Select(to => to * 10 * ((to * 10) + 1) / 2), sums);
    }
}
