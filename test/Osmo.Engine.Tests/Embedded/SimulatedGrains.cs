using Orleans.Concurrency;
using Orleans.Runtime;
using Osmo.Engine.Tests.Support;

namespace Osmo.Engine.Tests.Embedded;

/// <summary>A grain whose doings depend on order and time.</summary>
public interface IHopGrain : IGrainWithStringKey
{
    /// <summary>Tells its name, and passes the word on as often as told.</summary>
    Task Hop(string word, int hops);

    [AlwaysInterleave]
    Task<string> Wait(CancellationToken cancellation);

    Task TickEvery(TimeSpan period);

    Task RemindEvery(TimeSpan period);

    Task Never();
}

public sealed class HopGrain(Probe probe, TimeProvider time) : Grain, IHopGrain, IRemindable
{
    public override Task OnDeactivateAsync(DeactivationReason reason, CancellationToken cancellationToken)
    {
        Tell($"{reason.ReasonCode}");
        return Task.CompletedTask;
    }

    public async Task Hop(string word, int hops)
    {
        Tell(word);
        if (hops == 0) return;
        await Task.WhenAll(
            GrainFactory.GetGrain<IHopGrain>($"{hops}").Hop($"{word}a", hops - 1),
            GrainFactory.GetGrain<IHopGrain>($"{hops}").Hop($"{word}b", hops - 1));
        Tell($"{word} done");
    }

    public async Task<string> Wait(CancellationToken cancellation)
    {
        Tell("waits");
        await Task.Delay(TimeSpan.FromDays(1), time, cancellation);
        return "waited";
    }

    public Task TickEvery(TimeSpan period)
    {
        this.RegisterGrainTimer(_ => Ticked(), period, period);
        return Task.CompletedTask;
    }

    public Task RemindEvery(TimeSpan period) => this.RegisterOrUpdateReminder("it", period, period);

    public Task ReceiveReminder(string reminderName, TickStatus status)
    {
        Tell($"reminded of {reminderName}");
        return Task.CompletedTask;
    }

    public Task Never() => new TaskCompletionSource().Task;

    private Task Ticked()
    {
        Tell("tick");
        return Task.CompletedTask;
    }

    private void Tell(string what) => probe.Tell("all", $"{time.GetUtcNow():HH:mm:ss} {this.GetPrimaryKeyString()} {what}");
}
