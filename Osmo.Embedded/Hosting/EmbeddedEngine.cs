using System.Collections.Immutable;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Orleans;
using Orleans.Runtime;
using Osmo.Embedded.Activations;
using Osmo.Embedded.Calls;
using Osmo.Embedded.Reminders;
using Osmo.Embedded.Scheduling;

namespace Osmo.Embedded;

/// <summary>The engine of one process: its grain classes, activations, outstanding calls and reminders.</summary>
internal sealed partial class EmbeddedEngine : IHostedService, IDisposable
{
    public EmbeddedEngine(
        IServiceProvider services,
        IOptions<EmbeddedEngineOptions> options,
        TimeProvider time,
        TurnScheduler scheduler,
        IReminderStore reminders,
        ILogger<EmbeddedEngine> logger)
    {
        Services = services;
        Options = options.Value;
        Time = time;
        Scheduler = scheduler;
        Logger = logger;
        Filters = [.. services.GetServices<IIncomingGrainCallFilter>()];
        Classes = new GrainClasses(Options.GrainAssemblies);
        Catalog = new Catalog(this);
        Outstanding = new OutstandingCalls(time, scheduler, Options.ResponseTimeout);
        Collector = new ActivationCollector(this);
        GrainFactory = new GrainFactory(this);
        Reminders = new ReminderService(this, reminders);
    }

    public IServiceProvider Services { get; }

    public EmbeddedEngineOptions Options { get; }

    public TimeProvider Time { get; }

    public TurnScheduler Scheduler { get; }

    public ILogger Logger { get; }

    public ImmutableArray<IIncomingGrainCallFilter> Filters { get; }

    public GrainClasses Classes { get; }

    public Catalog Catalog { get; }

    public OutstandingCalls Outstanding { get; }

    public ActivationCollector Collector { get; }

    public GrainFactory GrainFactory { get; }

    public ReminderService Reminders { get; }

    public async Task StartAsync(CancellationToken cancellationToken)
    {
        Collector.Start();
        await Reminders.Start(cancellationToken);
    }

    /// <summary>
    /// Ends all activations: running calls are asked to stop by their tokens and awaited, waiting ones fail. What has not ended within the timeout is left behind.
    /// </summary>
    public async Task StopAsync(CancellationToken cancellationToken)
    {
        Reminders.Dispose();
        var closed = Catalog.Close();
        foreach (var call in Outstanding.Snapshot()) call.CancelCallee();
        try
        {
            await closed.WaitAsync(Options.StopTimeout, Time, cancellationToken);
        }
        catch (Exception exception) when (exception is TimeoutException or OperationCanceledException)
        {
            LogStopIncomplete(Logger, Catalog.Count, Options.StopTimeout);
        }

        var stopped = new OrleansMessageRejectionException("The engine has stopped.");
        foreach (var call in Outstanding.Snapshot()) Scheduler.Run(() => call.Reject(stopped));
    }

    public void Dispose()
    {
        Reminders.Dispose();
        Collector.Dispose();
        Outstanding.Dispose();
    }

    [LoggerMessage(40, LogLevel.Warning, "{Count} activations did not end within {Timeout}.")]
    private static partial void LogStopIncomplete(ILogger logger, int count, TimeSpan timeout);
}
