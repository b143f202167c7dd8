using System.Text.Json.Nodes;
using Osmo.Protocol.Backend;

namespace Osmo.Gateway.Operators;

/// <summary>
/// Something on the backend that follows from the configuration alone: what is wanted goes to every worker that connects, and again whenever it
/// changes. Nothing of it is stored, so nothing can be lost or stale.
/// </summary>
internal interface IWantedState
{
    /// <summary>The job that brings about what was not brought about yet on this connection; null when there is none.</summary>
    Task<WantedJob?> Next(BackendMessage.Init worker, CancellationToken cancellation);

    /// <summary>Nothing more is to be done for this job: it succeeded, or will never.</summary>
    void Done(WantedJob job);
}

/// <param name="Wanted">What is to be, as text to compare.</param>
internal sealed record WantedJob(string Id, JsonObject Document, string Wanted);
