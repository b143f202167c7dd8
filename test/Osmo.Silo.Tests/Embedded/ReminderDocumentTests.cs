using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Orleans.Runtime;
using Osmo.Embedded.Reminders;
using Osmo.Grains.Interfaces;
using Osmo.Storage;

namespace Osmo.Silo.Tests.Embedded;

public sealed class ReminderDocumentTests : IDisposable
{
    private static readonly DateTimeOffset Start = new(2026, 3, 1, 12, 0, 0, TimeSpan.Zero);

    private readonly StateFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Reminders_PutReplacedAndRemoved_AreThereAfterARestart()
    {
        var kept = new ReminderRow(GrainId.Create("wake", "a/b:c"), "one", Start, TimeSpan.FromMinutes(3));
        await WithStore(async store =>
        {
            await store.Put(kept with { Period = TimeSpan.FromHours(1) });
            await store.Put(kept);
            await store.Put(kept with { Name = "two" });
            await store.Remove(kept.Grain, "two");
            await store.Remove(kept.Grain, "never there");
        });

        await WithStore(async store => Assert.Equal([kept], (await store.ReadAll()).Where(row => row.Name is "one" or "two")));
    }

    [Fact]
    public async Task Silo_Started_HasTheReminderOfTheWatch() => await WithStore(
        async store => Assert.Equal(GrainId.Create("wake", IWakeGrain.Key), Assert.Single(await store.ReadAll()).Grain));

    private async Task WithStore(Func<IReminderStore, Task> use)
    {
        var builder = Host.CreateEmptyApplicationBuilder(null);
        builder.Services.AddOsmoStorage(_folder.Options);
        builder.AddOsmoSilo();
        using var host = builder.Build();
        await host.StartAsync();
        await use(host.Services.GetRequiredService<IReminderStore>());
        await host.StopAsync();
    }
}
