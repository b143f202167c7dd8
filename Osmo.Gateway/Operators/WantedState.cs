using System.Text.Json.Nodes;
using Osmo.Gateway.Meta;
using Osmo.Protocol.Backend;
using Osmo.Workflows.Configuration;

namespace Osmo.Gateway.Operators;

/// <summary>
/// Something on the backend that follows from the configuration alone: what is wanted goes to every worker that connects, and again whenever it
/// changes. Nothing of it is stored, so nothing can be lost or stale. What fails is tried again after growing pauses, for other jobs wait meanwhile, or as soon as the configuration changes.
/// </summary>
internal abstract class WantedState(ConfigurationCache configuration, TimeProvider time)
{
    private static readonly TimeSpan FirstPause = TimeSpan.FromSeconds(5);

    private static readonly TimeSpan PauseMax = TimeSpan.FromMinutes(5);

    /// <summary>For this nothing is to be done, at least for <see cref="_pause"/>.</summary>
    private ConfigurationModel? _settled;

    private ConfigurationModel? _asked;
    private string? _brought;

    /// <summary>Zero while nothing has failed.</summary>
    private TimeSpan _pause;
    private long _failedAt;

    /// <summary>The job that brings about what was not brought about yet on this connection; null when there is none. It is asked before every job, so an unchanged configuration costs nothing.</summary>
    public async Task<WantedJob?> Next(BackendMessage.Init worker, CancellationToken cancellation)
    {
        var model = await configuration.Get(cancellation);
        if (ReferenceEquals(model, _settled) && (_pause == TimeSpan.Zero || time.GetElapsedTime(_failedAt) < _pause))
        {
            return null;
        }

        _asked = model;
        if (Job(model, worker, isFirst: _brought is null) is { } job && job.Wanted != _brought)
        {
            return job;
        }

        (_settled, _pause) = (model, TimeSpan.Zero);
        return null;
    }

    /// <summary>Nothing more is to be done for this job: it succeeded, or will never.</summary>
    public void Done(WantedJob job) => (_brought, _settled, _pause) = (job.Wanted, _asked, TimeSpan.Zero);

    /// <summary>The job failed for now. True when those before it had not.</summary>
    public bool Failed()
    {
        var isFirst = _pause == TimeSpan.Zero;
        _pause = isFirst ? FirstPause : _pause * 2 < PauseMax ? _pause * 2 : PauseMax;
        (_settled, _failedAt) = (_asked, time.GetTimestamp());
        return isFirst;
    }

    /// <summary>Null when the configuration wants nothing said.</summary>
    /// <param name="isFirst">Nothing was brought about on this connection so far.</param>
    protected abstract WantedJob? Job(ConfigurationModel model, BackendMessage.Init worker, bool isFirst);
}

/// <param name="Wanted">What is to be, as text to compare.</param>
internal sealed record WantedJob(string Id, JsonObject Document, string Wanted);
