using Orleans.Runtime;
using Osmo.Engine.Tests.Support;

namespace Osmo.Engine.Tests.Conformance;

[Alias("osmo.test.IContextGrain")]
public interface IContextGrain : IGrainWithStringKey
{
    [Alias("Read")]
    Task<string?> Read();

    [Alias("ReadBeyond")]
    Task<string?> ReadBeyond();

    [Alias("Change")]
    Task Change(string value);
}

public sealed class ContextGrain : Grain, IContextGrain
{
    public async Task<string?> Read()
    {
        await Task.Yield();
        return RequestContext.Get("who") as string;
    }

    public Task<string?> ReadBeyond() => GrainFactory.GetGrain<IContextGrain>(this.GetPrimaryKeyString() + ".beyond").Read();

    public Task Change(string value)
    {
        RequestContext.Set("who", value);
        return Task.CompletedTask;
    }
}

public sealed class RequestContextTests(EngineFixture engine) : ConformanceTest(engine)
{
    [Fact]
    public async Task Context_OfTheCaller_TravelsDownTheCallChain()
    {
        var grain = Grain<IContextGrain>(out _);
        Assert.Null(await Soon(grain.Read()));

        RequestContext.Set("who", "me");
        try
        {
            Assert.Equal("me", await Soon(grain.Read()));
            Assert.Equal("me", await Soon(grain.ReadBeyond()));
        }
        finally
        {
            Assert.True(RequestContext.Remove("who"));
        }

        Assert.Null(await Soon(grain.Read()));
    }

    [Fact]
    public async Task Context_ChangedByTheGrain_NeitherComesBackNorStays()
    {
        var grain = Grain<IContextGrain>(out _);

        await Soon(grain.Change("them"));

        Assert.Null(RequestContext.Get("who"));
        Assert.Null(await Soon(grain.Read()));
    }
}
