using System.Collections.Concurrent;
using Osmo.BackendOperator.Kubernetes;

namespace Osmo.BackendOperator.Leftovers;

/// <summary>
/// The kinds of which groups have objects besides pods: those that every group may have, and those of templates, which are known once a clean-up listed
/// them (contract: backend-protocol §11).
/// </summary>
internal sealed class GroupKinds
{
    /// <summary>Jobs could name any number of them.</summary>
    private const int KindsMax = 32;

    private readonly ConcurrentDictionary<ObjectKind, bool> _kinds = new(
        from kind in (ObjectKind[])[ObjectKind.Secret, new("v1", "Service"), new("scheduling.run.ai/v2alpha2", "PodGroup")]
        select KeyValuePair.Create(kind, true));

    public IReadOnlyCollection<ObjectKind> All => [.. _kinds.Keys];

    /// <summary>Some group is said to have objects of this kind, and the operator may list them.</summary>
    public void Saw(ObjectKind kind)
    {
        if (kind != ObjectKind.Pod && _kinds.Count < KindsMax)
        {
            _kinds.TryAdd(kind, true);
        }
    }
}
