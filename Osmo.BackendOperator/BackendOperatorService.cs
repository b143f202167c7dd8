using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Osmo.BackendOperator.Cluster;
using Osmo.BackendOperator.Connection;
using Osmo.BackendOperator.Leftovers;
using Osmo.BackendOperator.Listener;
using Osmo.BackendOperator.Worker;
using Osmo.Protocol.Backend;

namespace Osmo.BackendOperator;

/// <summary>Runs listener and worker of one backend for the life of the host.</summary>
internal sealed partial class BackendOperatorService(
    Func<BackendOperatorOptions> configure,
    ICluster cluster,
    IHttpClientFactory httpClients,
    ConnectionBoard connections,
    OperatorMetrics metrics,
    IHostApplicationLifetime lifetime,
    TimeProvider time,
    ILoggerFactory loggers) : BackgroundService, IHostedLifecycleService
{
    private static readonly TimeSpan ClusterRetryPause = TimeSpan.FromSeconds(3);

    private readonly ILogger<BackendOperatorService> _logger = loggers.CreateLogger<BackendOperatorService>();

    public Task StartingAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StartedAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    /// <summary>In one process with the control plane, it hangs up before the server does.</summary>
    public Task StoppingAsync(CancellationToken cancellationToken) => StopAsync(cancellationToken);

    public Task StoppedAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        try
        {
            await ServeAsync(stoppingToken);
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            // The host, which is not told of its own stop until later, would take it for a failure.
        }
    }

    private async Task ServeAsync(CancellationToken stoppingToken)
    {
        await HostStartedAsync(stoppingToken);
        var options = configure();
        options.Validate();
        using var http = httpClients.CreateClient();
        var connector = new ServiceConnector(options, http, connections, time);
        var init = new BackendMessage.Init(
            await ClusterUidAsync(stoppingToken), options.Namespace, options.Version, options.NodeConditionPrefix);
        var listener = new BackendListener(options, cluster, connector, metrics, time, loggers.CreateLogger<BackendListener>());
        var executor = new JobExecutor(cluster, options, time);
        var worker = new BackendWorker(options, executor, connector, metrics, time, loggers.CreateLogger<BackendWorker>());
        var leftovers = new LeftoverSearch(options, cluster, executor.Kinds, connector, connections, time, loggers.CreateLogger<LeftoverSearch>());
        await Loops.RunAsync([token => listener.RunAsync(init, token), token => worker.RunAsync(init, token), leftovers.RunAsync], stoppingToken);
    }

    /// <summary>In one process with the control plane, its port is open only once the host has started.</summary>
    private async Task HostStartedAsync(CancellationToken cancellation)
    {
        var started = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await using var registration = lifetime.ApplicationStarted.Register(started.SetResult);
        await started.Task.WaitAsync(cancellation);
    }

    private async Task<string> ClusterUidAsync(CancellationToken cancellation)
    {
        while (true)
        {
            switch (await cluster.GetClusterUidAsync(cancellation))
            {
                case ApiResult<string>.Ok { Value: var uid }:
                    return uid;
                case ApiResult<string>.Failed { Error: var error }:
                    LogNoCluster(_logger, error.Message);
                    break;
            }

            await Task.Delay(ClusterRetryPause, time, cancellation);
        }
    }

    [LoggerMessage(1, LogLevel.Warning, "The cluster's identity cannot be read: {Error}")]
    private static partial void LogNoCluster(ILogger logger, string error);
}
