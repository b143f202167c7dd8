using Osmo.Grains.Interfaces;

namespace Osmo.Grains.Backends;

/// <summary>
/// The open jobs of one backend and who holds which. A connection holds one job; jobs of one lane are held one at a time, in order. It is a cache of the <c>job</c> rows: nothing is lost with it.
/// </summary>
internal sealed class JobQueue
{
    private static readonly TimeSpan[] Pauses = [.. new[] { 0.1, 0.5, 2, 5, 15, 60 }.Select(TimeSpan.FromSeconds)];

    private readonly Dictionary<string, Entry> _jobs = new(StringComparer.Ordinal);
    private readonly SortedSet<Entry> _waiting = new(Comparer<Entry>.Create(static (a, b) =>
        a.Ticket.Order != b.Ticket.Order ? a.Ticket.Order.CompareTo(b.Ticket.Order) : string.CompareOrdinal(a.Ticket.JobId, b.Ticket.JobId)));

    private readonly Dictionary<string, SortedSet<Entry>> _lanes = new(StringComparer.Ordinal);
    private readonly Dictionary<string, Entry> _held = new(StringComparer.Ordinal);

    public int Count => _jobs.Count;

    /// <summary>Adds a job unless it is known.</summary>
    public bool Add(JobTicket ticket)
    {
        var entry = new Entry(ticket);
        if (!_jobs.TryAdd(ticket.JobId, entry))
        {
            return false;
        }

        if (!_lanes.TryGetValue(ticket.Lane, out var siblings))
        {
            _lanes[ticket.Lane] = siblings = new SortedSet<Entry>(_waiting.Comparer);
        }

        var formerHead = siblings.Min;
        siblings.Add(entry);
        if (ReferenceEquals(siblings.Min, entry))
        {
            // Only the oldest job of a lane may be handed out.
            if (formerHead is { Holder: null })
            {
                _waiting.Remove(formerHead);
            }

            if (formerHead is null or { Holder: null })
            {
                _waiting.Add(entry);
            }
        }

        return true;
    }

    /// <summary>The job the session holds, or the oldest that is free; null when there is none now. A held job is handed to its holder again.</summary>
    public JobTicket? Take(string session, DateTime now, TimeSpan lease)
    {
        if (_held.TryGetValue(session, out var held))
        {
            held.LeaseUntil = now + lease;
            return held.Ticket;
        }

        foreach (var entry in _waiting)
        {
            if (entry.NotBefore <= now)
            {
                _waiting.Remove(entry);
                entry.Holder = session;
                entry.LeaseUntil = now + lease;
                entry.HandOuts++;
                _held[session] = entry;
                return entry.Ticket;
            }
        }

        return null;
    }

    public void Renew(string session, DateTime now, TimeSpan lease)
    {
        if (_held.TryGetValue(session, out var entry))
        {
            entry.LeaseUntil = now + lease;
        }
    }

    /// <summary>Forgets a job; the next one of its lane becomes free.</summary>
    public void Close(string jobId)
    {
        if (!_jobs.Remove(jobId, out var entry))
        {
            return;
        }

        _waiting.Remove(entry);
        if (entry.Holder is not null)
        {
            _held.Remove(entry.Holder);
        }

        var siblings = _lanes[entry.Ticket.Lane];
        siblings.Remove(entry);
        if (siblings.Min is { } next)
        {
            if (next.Holder is null)
            {
                _waiting.Add(next);
            }
        }
        else
        {
            _lanes.Remove(entry.Ticket.Lane);
        }
    }

    /// <summary>Puts a held job back, to be handed out after a pause that grows with each try. Returns how often it has been handed out.</summary>
    public int Return(string session, string jobId, DateTime now)
    {
        if (!_held.TryGetValue(session, out var entry) || entry.Ticket.JobId != jobId)
        {
            return _jobs.TryGetValue(jobId, out var known) ? known.HandOuts : 0;
        }

        Release(entry, now + Pauses[Math.Min(entry.HandOuts, Pauses.Length) - 1]);
        return entry.HandOuts;
    }

    public void EndSession(string session, DateTime now)
    {
        if (_held.TryGetValue(session, out var entry))
        {
            Release(entry, now);
        }
    }

    /// <summary>Takes jobs from holders that were not heard of; returns how many.</summary>
    public int ReleaseExpired(DateTime now)
    {
        var expired = _held.Values.Where(entry => entry.LeaseUntil < now).ToList();
        expired.ForEach(entry => Release(entry, now));
        return expired.Count;
    }

    /// <summary>When a paused job becomes free; null when none is paused.</summary>
    public DateTime? NextFree(DateTime now)
    {
        DateTime? next = null;
        foreach (var entry in _waiting)
        {
            if (entry.NotBefore > now && (next is null || entry.NotBefore < next))
            {
                next = entry.NotBefore;
            }
        }

        return next;
    }

    private void Release(Entry entry, DateTime notBefore)
    {
        _held.Remove(entry.Holder!);
        entry.Holder = null;
        entry.NotBefore = notBefore;
        _waiting.Add(entry);
    }

    private sealed class Entry(JobTicket ticket)
    {
        public JobTicket Ticket { get; } = ticket;

        public string? Holder { get; set; }

        public DateTime LeaseUntil { get; set; }

        public DateTime NotBefore { get; set; }

        public int HandOuts { get; set; }
    }
}
