using System.Buffers;
using System.Buffers.Binary;
using System.Collections.Immutable;
using System.Runtime.InteropServices;
using System.Security.Cryptography;
using Osmo.Protocol.Backend;

namespace Osmo.BackendOperator.Listener;

/// <summary>
/// What was reported of each attempt, so that the same is not reported again within a time (contract: backend-protocol §9.1). Remembered
/// as long as the attempt's pod exists, so memory follows the cluster and nothing has to be forgotten early.
/// </summary>
internal sealed class AttemptReports(TimeSpan ttl, TimeProvider time)
{
    private readonly Dictionary<TaskPod, Attempt> _attempts = [];
    private readonly ArrayBufferWriter<byte> _text = new();

    public int Count => _attempts.Count;

    /// <summary>Whether this status is to be reported. Remembers it.</summary>
    public bool IsNews(TaskPod task, PodStatus status)
    {
        var attempt = Of(task);
        var now = time.GetUtcNow();
        var at = attempt.Statuses.FindIndex(known => known.Status == status);
        if (at >= 0 && now - attempt.Statuses[at].At < ttl)
        {
            return false;
        }

        if (at >= 0)
        {
            attempt.Statuses.RemoveAt(at);
        }

        attempt.Statuses.Add((status, now));
        return true;
    }

    /// <summary>Whether these conditions differ from the last ones, or those were long ago. Remembers them.</summary>
    public bool IsNews(TaskPod task, ImmutableArray<PodCondition> conditions)
    {
        var attempt = Of(task);
        var now = time.GetUtcNow();
        var digest = DigestOf(conditions);
        if (attempt.Conditions == digest && now - attempt.ConditionsAt < ttl)
        {
            return false;
        }

        (attempt.Conditions, attempt.ConditionsAt) = (digest, now);
        return true;
    }

    /// <summary>Whether the control plane is to be told that the pod starts. Remembers it.</summary>
    public bool IsStartNews(TaskPod task)
    {
        var attempt = Of(task);
        var now = time.GetUtcNow();
        if (now - attempt.StartToldAt < ttl)
        {
            return false;
        }

        attempt.StartToldAt = now;
        return true;
    }

    /// <summary>The last conditions were not reported after all.</summary>
    public void ForgetConditions(TaskPod task) => Of(task).Conditions = null;

    public void Forget(TaskPod task) => _attempts.Remove(task);

    /// <summary>Forgets all but these.</summary>
    public void Keep(IReadOnlySet<TaskPod> tasks)
    {
        foreach (var task in _attempts.Keys.Where(task => !tasks.Contains(task)).ToList())
        {
            _attempts.Remove(task);
        }
    }

    private Attempt Of(TaskPod task)
    {
        if (!_attempts.TryGetValue(task, out var attempt))
        {
            _attempts[task] = attempt = new Attempt();
        }

        return attempt;
    }

    // Texts of conditions are long, and only whether they changed is asked.
    private UInt128 DigestOf(ImmutableArray<PodCondition> conditions)
    {
        _text.ResetWrittenCount();
        foreach (var condition in conditions)
        {
            Add(condition.Type);
            Add(condition.Status);
            Add(condition.Reason);
            Add(condition.Message);
            BinaryPrimitives.WriteInt64LittleEndian(_text.GetSpan(sizeof(long)), condition.Timestamp.UtcTicks);
            _text.Advance(sizeof(long));
        }

        Span<byte> digest = stackalloc byte[SHA256.HashSizeInBytes];
        SHA256.HashData(_text.WrittenSpan, digest);
        return BinaryPrimitives.ReadUInt128LittleEndian(digest);
    }

    /// <summary>With its length, so that no two lists of texts look alike.</summary>
    private void Add(string? text)
    {
        BinaryPrimitives.WriteInt32LittleEndian(_text.GetSpan(sizeof(int)), text?.Length ?? -1);
        _text.Advance(sizeof(int));
        _text.Write(MemoryMarshal.AsBytes(text.AsSpan()));
    }

    private sealed class Attempt
    {
        public List<(PodStatus Status, DateTimeOffset At)> Statuses { get; } = new(capacity: 4);

        public UInt128? Conditions { get; set; }

        public DateTimeOffset ConditionsAt { get; set; }

        public DateTimeOffset? StartToldAt { get; set; }
    }
}
