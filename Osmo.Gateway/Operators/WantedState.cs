using System.Text.Json.Nodes;
using Osmo.Gateway.Meta;
using Osmo.Protocol.Backend;
using Osmo.Workflows.Configuration;

namespace Osmo.Gateway.Operators;

/// <summary>
/// Something on the backend that follows from the configuration alone: what is wanted goes to every worker that connects, and again whenever it
/// changes. Nothing of it is stored, so nothing can be lost or stale.
/// </summary>
internal abstract class WantedState(ConfigurationCache configuration)
{
    private ConfigurationModel? _settled;
    private string? _brought;

    /// <summary>The job that brings about what was not brought about yet on this connection; null when there is none. It is asked before every job, so an unchanged configuration costs nothing.</summary>
    public async Task<WantedJob?> Next(BackendMessage.Init worker, CancellationToken cancellation)
    {
        var model = await configuration.Get(cancellation);
        if (ReferenceEquals(model, _settled))
        {
            return null;
        }

        if (Job(model, worker, isFirst: _brought is null) is { } job && job.Wanted != _brought)
        {
            return job;
        }

        _settled = model;
        return null;
    }

    /// <summary>Nothing more is to be done for this job: it succeeded, or will never.</summary>
    public void Done(WantedJob job) => _brought = job.Wanted;

    /// <summary>Null when the configuration wants nothing said.</summary>
    /// <param name="isFirst">Nothing was brought about on this connection so far.</param>
    protected abstract WantedJob? Job(ConfigurationModel model, BackendMessage.Init worker, bool isFirst);
}

/// <param name="Wanted">What is to be, as text to compare.</param>
internal sealed record WantedJob(string Id, JsonObject Document, string Wanted);
