using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;
using Osmo.Grains.Interfaces;
using Osmo.Storage;
using Osmo.Testing;

namespace Osmo.Silo.Tests;

public sealed class SiloHostingTests : IDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(120);

    private readonly StateFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void AddOsmoSilo_WithWrongSettings_NamesEach()
    {
        var builder = Host.CreateEmptyApplicationBuilder(null);
        builder.Configuration.AddInMemoryCollection(
        [
            new("Osmo:Silo:SiloPort", "70000"),
            new("Osmo:Silo:AdvertisedAddress", "here"),
            new("Osmo:Silo:CollectionAge", "00:00:10"),
        ]);

        var exception = Assert.Throws<OptionsValidationException>(() => builder.AddOsmoSilo(options => options.ResponseTimeout = TimeSpan.Zero));

        Assert.Equal(4, exception.Failures.Count());
        foreach (var setting in new[] { "SiloPort", "AdvertisedAddress", "CollectionAge", "ResponseTimeout" })
        {
            Assert.Contains($"Osmo:Silo:{setting}", exception.Message, StringComparison.Ordinal);
        }
    }

    [Theory]
    [InlineData("ResponseTimeout", "10", "10.00:00:00; allowed are 00:00:06 to 00:10:00, written as hours:minutes:seconds")]
    [InlineData("CollectionAge", "1", "1.00:00:00; allowed are 00:02:00 to 12:00:00, written as hours:minutes:seconds")]
    public void AddOsmoSilo_WithANumberAsTime_SaysHowTimesAreWritten(string setting, string value, string complaint)
    {
        var builder = Host.CreateEmptyApplicationBuilder(null);
        builder.Configuration.AddInMemoryCollection([new($"Osmo:Silo:{setting}", value)]);

        var exception = Assert.Throws<OptionsValidationException>(() => builder.AddOsmoSilo());

        Assert.Contains($"Osmo:Silo:{setting} is {complaint}", exception.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Silo_StoppedAndStartedAgain_HasItsDocuments()
    {
        var updated = await WithSilo(grains => grains.GetGrain<IProfileGrain>("someone").Update(true, null, "a-pool"));

        var read = await WithSilo(grains => grains.GetGrain<IProfileGrain>("someone").Get());

        Assert.Equal(updated, read);
        Assert.Equal("a-pool", read.Pool);
    }

    private async Task<T> WithSilo<T>(Func<IGrainFactory, Task<T>> use)
    {
        var builder = Host.CreateEmptyApplicationBuilder(null);
        builder.Services.AddLogging();
        builder.Services.AddOsmoStorage(_folder.Options);
        builder.AddOsmoSilo(options => (options.SiloPort, options.GatewayPort) = (FreePort.Next(), FreePort.Next()));
        using var host = builder.Build();
        await host.StartAsync().WaitAsync(Patience);
        try
        {
            return await use(host.Services.GetRequiredService<IGrainFactory>()).WaitAsync(Patience);
        }
        finally
        {
            await host.StopAsync().WaitAsync(Patience);
        }
    }
}
