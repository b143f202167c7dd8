using System.Reflection;
using Orleans;
using Orleans.Messaging;
using Orleans.Runtime;
using Osmo.Hosting.Engine;

namespace Osmo.Hosting.Tests.Orleans;

/// <summary>A call that is under way when a silo is lost does not wait for the response timeout.</summary>
public sealed class LostCallsTests : IDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(1);

    private readonly Listed _listed = new("tcp://10.0.0.1:1", "tcp://10.0.0.2:2");
    private readonly SiloLosses _losses;
    private readonly LostCalls _calls;

    public LostCallsTests()
    {
        _losses = new SiloLosses(_listed, TimeProvider.System);
        _calls = new LostCalls(_losses);
    }

    public void Dispose() => _losses.Dispose();

    [Fact]
    public async Task Invoke_ASiloGoneWhileItIsUnderWay_SaysTryAgain()
    {
        await _losses.GetGateways();
        var call = Call.Make();
        var invoking = _calls.Invoke(call);

        _listed.Gateways = ["tcp://10.0.0.2:2"];
        await _losses.GetGateways();

        var error = await Assert.ThrowsAsync<SiloUnavailableException>(() => invoking.WaitAsync(Patience));
        Assert.Contains("IQuestion.Answer", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Invoke_BegunAfterTheLoss_IsNotGivenUp()
    {
        await _losses.GetGateways();
        var lost = _calls.Invoke(Call.Make());
        _listed.Gateways = ["tcp://10.0.0.2:2"];
        await _losses.GetGateways();
        var call = Call.Make();
        var invoking = _calls.Invoke(call);
        await Assert.ThrowsAsync<SiloUnavailableException>(() => lost.WaitAsync(Patience));

        Assert.False(invoking.IsCompleted);
        ((Call)(object)call).Done.SetResult();
        await invoking;
    }

    [Fact]
    public async Task Invoke_ASiloMore_GoesOn()
    {
        await _losses.GetGateways();
        var call = Call.Make();
        var before = _losses.Next;
        _listed.Gateways = ["tcp://10.0.0.1:1", "tcp://10.0.0.2:2", "tcp://10.0.0.3:3"];
        await _losses.GetGateways();

        Assert.Equal(before, _losses.Next);
        ((Call)(object)call).Done.SetResult();
        await _calls.Invoke(call);
    }

    [Fact]
    public async Task Invoke_TheCallFails_FailsTheSame()
    {
        var call = Call.Make();
        ((Call)(object)call).Done.SetException(new FormatException("wrong"));
        Assert.Equal("wrong", (await Assert.ThrowsAsync<FormatException>(() => _calls.Invoke(call))).Message);
    }

    private sealed class Listed(params string[] gateways) : IGatewayListProvider
    {
        public string[] Gateways { get; set; } = gateways;

        public TimeSpan MaxStaleness => TimeSpan.FromSeconds(1);

        public bool IsUpdatable => true;

        public Task InitializeGatewayListProvider() => Task.CompletedTask;

        public Task<IList<Uri>> GetGateways() => Task.FromResult<IList<Uri>>([.. Gateways.Select(gateway => new Uri(gateway))]);
    }

    /// <summary>A call that ends when the test says so.</summary>
    public class Call : DispatchProxy
    {
        public TaskCompletionSource Done { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public static IOutgoingGrainCallContext Make() => Create<IOutgoingGrainCallContext, Call>();

        protected override object? Invoke(MethodInfo? targetMethod, object?[]? args) => targetMethod!.Name switch
        {
            "Invoke" => Done.Task,
            "get_InterfaceName" => "IQuestion",
            "get_MethodName" => "Answer",
            var other => throw new InvalidOperationException($"Nobody was expected to ask for {other}."),
        };
    }
}
