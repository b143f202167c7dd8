using System.Collections.Immutable;
using Orleans.Runtime;
using Osmo.Grains.Interfaces;
using Osmo.Storage.State;
using Osmo.Workflows.Documents;

namespace Osmo.Grains.Backends;

/// <summary>The row of one backend: which cluster it is, when it was last heard of, which node conditions count. Memory follows only what was committed.</summary>
/// <param name="rulesChanged">Called when there are other rules, or another version of them, than before.</param>
internal sealed class BackendRegistration(IStateStore store, string name, TimeProvider time, Action rulesChanged)
{
    /// <summary>
    /// Heartbeats that come sooner are not written; far below the two minutes after which a backend counts as offline. One that is from later than now was written before
    /// the clock was put right, and is replaced, too: it would keep the backend online long after its end.
    /// </summary>
    private static readonly TimeSpan HeartbeatWritePeriod = TimeSpan.FromSeconds(5);

    /// <summary>A conflict means that another activation wrote meanwhile; reading again settles it.</summary>
    private const int CommitTriesMax = 5;

    private BackendDocument? _stored;
    private long _version;
    private bool _isKnown;

    /// <summary>As far as they were read or written here; version 0 and no rules before that.</summary>
    public NodeConditionRules Rules => _stored is null
        ? new NodeConditionRules(0, ImmutableDictionary<string, string>.Empty)
        : new NodeConditionRules(_stored.RulesVersion, _stored.NodeConditionRules.ToImmutableDictionary());

    public async Task<RegisterBackendResult> Register(RegisterBackend registration)
    {
        var written = await Write(stored => stored is null || stored.KubernetesUid == registration.KubernetesUid ? Registered(stored, registration) : stored);
        return written!.KubernetesUid == registration.KubernetesUid ? RegisterBackendResult.Accepted : RegisterBackendResult.OtherCluster;
    }

    public Task Heartbeat()
    {
        var now = time.UtcNow();
        return Write(stored => stored is null || (now - stored.LastHeartbeat).Duration() < HeartbeatWritePeriod ? stored : stored with { LastHeartbeat = now });
    }

    /// <summary>Takes over the rules that are configured, as a new version if they differ.</summary>
    public Task Follow(ImmutableSortedDictionary<string, string> rules) => Write(stored => stored is null || stored.NodeConditionRules.SequenceEqual(rules)
        ? stored
        : stored with { NodeConditionRules = rules, RulesVersion = stored.RulesVersion + 1 });

    /// <summary>Somebody else writes the row: it is read again before the next use.</summary>
    public void Forget() => _isKnown = false;

    private BackendDocument Registered(BackendDocument? stored, RegisterBackend registration)
    {
        var now = time.UtcNow();
        stored ??= new BackendDocument
        {
            Name = name,
            KubernetesUid = registration.KubernetesUid,
            Namespace = registration.Namespace,
            Version = registration.Version,
            NodeConditionPrefix = registration.NodeConditionPrefix,
            CreatedDate = now,
            LastHeartbeat = now,
        };
        return stored with { Namespace = registration.Namespace, Version = registration.Version, NodeConditionPrefix = registration.NodeConditionPrefix };
    }

    /// <summary>Stores what <paramref name="change"/> makes of the registration, if it makes a difference.</summary>
    private async Task<BackendDocument?> Write(Func<BackendDocument?, BackendDocument?> change)
    {
        for (var tries = 0; tries < CommitTriesMax; tries++)
        {
            await ReadUnlessKnown();
            var next = change(_stored);
            if (next is null || next == _stored)
            {
                return next;
            }

            var key = new RowKey(RowKind.Backend, name);
            RowWrite write = _stored is null
                ? new RowWrite.Insert(key, DocumentRows.Write(next))
                : new RowWrite.Update(key, _version, DocumentRows.Write(next));
            _isKnown = false;
            if (await store.Commit([write]) == CommitOutcome.Committed)
            {
                var isNews = next.RulesVersion != _stored?.RulesVersion;
                (_stored, _version, _isKnown) = (next, _version + 1, true);
                if (isNews)
                {
                    rulesChanged();
                }

                return next;
            }
        }

        throw new OrleansException($"Backend {name} is being changed elsewhere; {CommitTriesMax} commits in a row met another's. Try again.");
    }

    private async Task ReadUnlessKnown()
    {
        if (!_isKnown)
        {
            var row = await store.Read(new RowKey(RowKind.Backend, name));
            (_stored, _version, _isKnown) = row is null ? (null, 0, true) : (DocumentRows.Parse<BackendDocument>(row), row.Version, true);
        }
    }
}
