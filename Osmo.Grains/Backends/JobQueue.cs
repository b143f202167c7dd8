using Osmo.Grains.Interfaces;

namespace Osmo.Grains.Backends;

/// <summary>
/// The open jobs of one backend and who holds which. A connection holds one job; jobs of one lane are held one at a time, in order. It is a cache of the <c>job</c> rows: nothing is lost with it.
/// Leases and pauses are measured, and go by no time of day: a clock that is put right neither ends nor stretches them.
/// </summary>
internal sealed class JobQueue(TimeProvider time)
{
    private static readonly TimeSpan[] Pauses = [.. new[] { 0.1, 0.5, 2, 5, 15, 60 }.Select(TimeSpan.FromSeconds)];

    private static readonly Comparer<Entry> ByOrder = Comparer<Entry>.Create(static (a, b) =>
        a.Ticket.Order != b.Ticket.Order ? a.Ticket.Order.CompareTo(b.Ticket.Order) : string.CompareOrdinal(a.Ticket.JobId, b.Ticket.JobId));

    private static readonly Comparer<Entry> UrgentFirst = Comparer<Entry>.Create(static (a, b) =>
        a.Ticket.IsUrgent != b.Ticket.IsUrgent ? b.Ticket.IsUrgent.CompareTo(a.Ticket.IsUrgent) : ByOrder.Compare(a, b));

    private readonly long _start = time.GetTimestamp();
    private readonly Dictionary<string, Entry> _jobs = new(StringComparer.Ordinal);
    private readonly Dictionary<string, Lane> _lanes = new(StringComparer.Ordinal);
    private readonly Dictionary<string, Entry> _held = new(StringComparer.Ordinal);

    /// <summary>Of each lane without a held job its oldest: what may be handed out.</summary>
    private readonly SortedSet<Entry> _offered = new(UrgentFirst);

    /// <summary>The connections that hold a job.</summary>
    public IEnumerable<string> Holders => _held.Keys;

    /// <summary>Since the queue was made.</summary>
    private TimeSpan Now => time.GetElapsedTime(_start);

    public bool Knows(string jobId) => _jobs.ContainsKey(jobId);

    /// <summary>Adds a job unless it is known.</summary>
    public void Add(JobTicket ticket) => Add(new Entry(ticket));

    /// <summary>Adds a job that was handed out by who knew of it before. For this long only its holder may have it, who claims it by renewing; then it is free.</summary>
    public void AddHandedOut(JobTicket ticket, TimeSpan claimable) => Add(new Entry(ticket) { IsUnclaimed = true, NotBefore = Now + claimable });

    private void Add(Entry entry)
    {
        var ticket = entry.Ticket;
        if (!_jobs.TryAdd(ticket.JobId, entry))
        {
            return;
        }

        if (!_lanes.TryGetValue(ticket.Lane, out var lane))
        {
            _lanes[ticket.Lane] = lane = new Lane();
        }

        lane.Jobs.Add(entry);
        Offer(lane);
    }

    /// <summary>Forgets the jobs that are not among these, unless they are held: their holders close them.</summary>
    public void Keep(IReadOnlySet<string> jobIds)
    {
        foreach (var entry in _jobs.Values.Where(entry => entry.Holder is null && !jobIds.Contains(entry.Ticket.JobId)).ToList())
        {
            Forget(entry);
        }
    }

    /// <summary>The job the session holds, or of the urgent ones, then of the others, the oldest that is free; null when there is none now. A held job is handed to its holder again.</summary>
    public JobTicket? Take(string session)
    {
        var now = Now;
        if (_held.TryGetValue(session, out var held))
        {
            held.LeaseUntil = now + JobLease.Length;
            return held.HandedOut;
        }

        ReleaseExpired(now);
        if (_offered.FirstOrDefault(entry => entry.NotBefore <= now) is not { } entry)
        {
            return null;
        }

        Hold(entry, session);
        return entry.HandedOut;
    }

    /// <summary>False when the job is not the session's, or done.</summary>
    public bool Renew(string session, string jobId)
    {
        if (!_jobs.TryGetValue(jobId, out var entry) || !(entry.Holder == session || (entry.IsUnclaimed && entry == LaneOf(entry).Offered && !_held.ContainsKey(session))))
        {
            return false;
        }

        Hold(entry, session);
        return true;
    }

    /// <summary>Forgets a job, unless another holds it; the next one of its lane becomes free.</summary>
    public void Close(string session, string jobId)
    {
        if (_jobs.TryGetValue(jobId, out var entry) && (entry.Holder ?? session) == session)
        {
            Forget(entry);
        }
    }

    private void Hold(Entry entry, string session)
    {
        (entry.Holder, entry.LeaseUntil, entry.IsUnclaimed) = (session, Now + JobLease.Length, false);
        _held[session] = entry;
        Offer(LaneOf(entry));
    }

    private void Forget(Entry entry)
    {
        _jobs.Remove(entry.Ticket.JobId);
        if (entry.Holder is not null)
        {
            _held.Remove(entry.Holder);
        }

        var lane = LaneOf(entry);
        lane.Jobs.Remove(entry);
        Offer(lane);
        if (lane.Jobs.Count == 0)
        {
            _lanes.Remove(entry.Ticket.Lane);
        }
    }

    /// <summary>Puts a held job back, to be handed out after a pause that grows with each try. Returns how often that has happened.</summary>
    public int Return(string session, string jobId)
    {
        if (!_held.TryGetValue(session, out var entry) || entry.Ticket.JobId != jobId)
        {
            return _jobs.TryGetValue(jobId, out var known) ? known.Returns : 0;
        }

        entry.Returns++;
        Release(entry, Now + Pause(entry.Returns));
        return entry.Returns;
    }

    public void EndSession(string session)
    {
        if (_held.TryGetValue(session, out var entry))
        {
            Break(entry, Now);
        }
    }

    /// <summary>When nothing can be taken: how long until a paused job or one with a lease may become free; null when there is none.</summary>
    public TimeSpan? UntilFree()
    {
        var times = _offered.Select(entry => entry.NotBefore).Concat(_held.Values.Select(entry => entry.LeaseUntil));
        return times.Select(free => (TimeSpan?)free).Min() is { } next ? TimeSpan.FromTicks(Math.Max((next - Now).Ticks, 0)) : null;
    }

    /// <summary>Takes jobs from holders that were not heard of.</summary>
    private void ReleaseExpired(TimeSpan now)
    {
        foreach (var entry in _held.Values.Where(entry => entry.LeaseUntil <= now).ToList())
        {
            Break(entry, now);
        }
    }

    /// <summary>One connection may end for any reason; a job that loses several may be the reason.</summary>
    private void Break(Entry entry, TimeSpan now) => Release(entry, ++entry.Breaks == 1 ? now : now + Pause(entry.Breaks - 1));

    private static TimeSpan Pause(int times) => Pauses[Math.Min(times, Pauses.Length) - 1];

    private void Release(Entry entry, TimeSpan notBefore)
    {
        _held.Remove(entry.Holder!);
        entry.Holder = null;
        entry.NotBefore = notBefore;
        Offer(LaneOf(entry));
    }

    /// <summary>Only the oldest job of a lane may be handed out, and none while one is held.</summary>
    private void Offer(Lane lane)
    {
        var next = lane.Jobs.Any(entry => entry.Holder is not null) ? null : lane.Jobs.Min;
        if (ReferenceEquals(next, lane.Offered))
        {
            return;
        }

        if (lane.Offered is not null)
        {
            _offered.Remove(lane.Offered);
        }

        if (next is not null)
        {
            _offered.Add(next);
        }

        lane.Offered = next;
    }

    private Lane LaneOf(Entry entry) => _lanes[entry.Ticket.Lane];

    private sealed class Lane
    {
        public SortedSet<Entry> Jobs { get; } = new(ByOrder);

        public Entry? Offered { get; set; }
    }

    private sealed class Entry(JobTicket ticket)
    {
        public JobTicket Ticket { get; } = ticket;

        public string? Holder { get; set; }

        /// <summary>As <see cref="Now"/> counts, like all times of an entry.</summary>
        public TimeSpan LeaseUntil { get; set; }

        public TimeSpan NotBefore { get; set; }

        /// <summary>Somebody of whom nothing is known may hold it.</summary>
        public bool IsUnclaimed { get; set; }

        /// <summary>How often its holder gave it back.</summary>
        public int Returns { get; set; }

        /// <summary>How often its holder was lost.</summary>
        public int Breaks { get; set; }

        public JobTicket HandedOut => Ticket with { Breaks = Breaks };
    }
}
