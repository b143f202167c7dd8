using Orleans.Concurrency;
using Orleans.Serialization.Invocation;
using Osmo.Engine.Tests.Support;

namespace Osmo.Engine.Tests.Conformance;

[Alias("osmo.test.IPatientGrain")]
public interface IPatientGrain : IGrainWithStringKey
{
    /// <summary>Tells its name, waits at the gate of that name, tells that it ended.</summary>
    [Alias("Wait")]
    Task Wait(string name);

    [Alias("WaitReading"), ReadOnly]
    Task WaitReading(string name);

    [Alias("Ping"), AlwaysInterleave]
    Task Ping();

    [Alias("CallBack")]
    Task CallBack(string through);

    [Alias("CallInto"), ResponseTimeout("00:00:01")]
    Task CallInto(string other);
}

[Alias("osmo.test.IReentrantGrain")]
public interface IReentrantGrain : IGrainWithStringKey
{
    [Alias("Wait")]
    Task Wait(string name);
}

[Alias("osmo.test.IChoosyGrain")]
public interface IChoosyGrain : IGrainWithStringKey
{
    [Alias("Wait")]
    Task Wait(string name);
}

public abstract class WaitingGrain(Probe probe) : Grain
{
    public async Task Wait(string name)
    {
        var key = this.GetPrimaryKeyString();
        probe.Tell(key, $"{name} begins");
        await probe.Gate($"{key} {name}");
        probe.Tell(key, $"{name} ends");
    }
}

public sealed class PatientGrain(Probe probe) : WaitingGrain(probe), IPatientGrain
{
    public Task WaitReading(string name) => Wait(name);

    public Task Ping() => Task.CompletedTask;

    public Task CallBack(string through) => GrainFactory.GetGrain<IPatientGrain>(through).CallInto(this.GetPrimaryKeyString());

    public Task CallInto(string other) => GrainFactory.GetGrain<IPatientGrain>(other).WaitReading("never");
}

[Reentrant]
public sealed class ReentrantGrain(Probe probe) : WaitingGrain(probe), IReentrantGrain;

[MayInterleave(nameof(MayInterleave))]
public sealed class ChoosyGrain(Probe probe) : WaitingGrain(probe), IChoosyGrain
{
    public static bool MayInterleave(IInvokable request) => request.GetArgument(0) is "guest";
}

public sealed class ReentrancyTests(EngineFixture engine) : ConformanceTest(engine)
{
    [Fact]
    public async Task Call_WhileAnotherAwaits_Waits()
    {
        var grain = Grain<IPatientGrain>(out var key);
        var first = grain.Wait("first");
        await Probe.Hear(key, "first begins");

        var second = grain.Wait("second");
        await Soon(grain.Ping());
        await Soon(grain.Ping());
        Assert.Equal(["first begins"], Probe.Told(key));

        Probe.Open($"{key} second");
        Probe.Open($"{key} first");
        await Soon(Task.WhenAll(first, second));
        Assert.Equal(["first begins", "first ends", "second begins", "second ends"], Probe.Told(key));
    }

    [Fact]
    public async Task ReadOnlyCall_WhileAnotherReads_StartsAndKeepsWritersOut()
    {
        var grain = Grain<IPatientGrain>(out var key);
        var first = grain.WaitReading("first");
        var second = grain.WaitReading("second");
        await Probe.Hear(key, 2);

        var writer = grain.Wait("writer");
        await Soon(grain.Ping());
        Probe.Open($"{key} writer");
        Assert.Equal(2, Probe.Told(key).Length);

        Probe.Open($"{key} first");
        Probe.Open($"{key} second");
        await Soon(Task.WhenAll(first, second, writer));
        Assert.Equal("writer ends", Probe.Told(key)[^1]);
    }

    [Fact]
    public async Task ReadOnlyCall_WhileAWriterRuns_Waits()
    {
        var grain = Grain<IPatientGrain>(out var key);
        var writer = grain.Wait("writer");
        await Probe.Hear(key, "writer begins");

        var reader = grain.WaitReading("reader");
        await Soon(grain.Ping());
        Assert.Equal(["writer begins"], Probe.Told(key));

        Probe.Open($"{key} writer");
        Probe.Open($"{key} reader");
        await Soon(Task.WhenAll(reader, writer));
    }

    [Fact]
    public async Task Reentrant_CallsOfTheClass_Interleave()
    {
        var grain = Grain<IReentrantGrain>(out var key);
        var calls = Task.WhenAll(grain.Wait("first"), grain.Wait("second"), grain.Wait("third"));

        var told = await Probe.Hear(key, 3);
        Assert.All(told, what => Assert.EndsWith("begins", what, StringComparison.Ordinal));

        foreach (var name in new[] { "first", "second", "third" }) Probe.Open($"{key} {name}");
        await Soon(calls);
    }

    [Fact]
    public async Task MayInterleave_ForTheCallsItAccepts_LetsThemStart()
    {
        var grain = Grain<IChoosyGrain>(out var key);
        var host = grain.Wait("host");
        await Probe.Hear(key, "host begins");

        var another = grain.Wait("another");
        var guest = grain.Wait("guest");
        Assert.Equal(["host begins", "guest begins"], await Probe.Hear(key, "guest begins"));

        foreach (var name in new[] { "host", "another", "guest" }) Probe.Open($"{key} {name}");
        await Soon(Task.WhenAll(host, another, guest));
    }

    [Fact]
    public async Task CallChain_ThatComesBack_TimesOut()
    {
        var grain = Grain<IPatientGrain>(out var key);

        await Assert.ThrowsAsync<TimeoutException>(() => Soon(grain.CallBack($"{key}.middle")));
    }
}
