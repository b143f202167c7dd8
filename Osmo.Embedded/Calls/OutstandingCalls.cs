using Osmo.Embedded.Scheduling;

namespace Osmo.Embedded.Calls;

/// <summary>
/// The calls that wait for an answer, so that they can time out. A sweep every <see cref="Period"/> while there are any looks at all of them:
/// a call costs two list operations and no timer, and times out between its timeout and two periods after it.
/// </summary>
internal sealed class OutstandingCalls : IDisposable
{
    private readonly TurnScheduler _scheduler;
    private readonly TimeSpan _defaultTimeout;
    private readonly Stripe[] _stripes = [.. Enumerable.Range(0, Environment.ProcessorCount).Select(_ => new Stripe())];
    private readonly ITimer _timer;
    private int _armed;
    private long _sweeps;

    public OutstandingCalls(TimeProvider time, TurnScheduler scheduler, TimeSpan defaultTimeout)
    {
        _scheduler = scheduler;
        _defaultTimeout = defaultTimeout;
        _timer = time.CreateTimer(static calls => ((OutstandingCalls)calls!).Sweep(), this, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
    }

    /// <summary>How precise timeouts are.</summary>
    public static TimeSpan Period { get; } = TimeSpan.FromMilliseconds(250);

    public void Add(GrainCall call)
    {
        var timeout = call.Method.ResponseTimeout ?? _defaultTimeout;
        ref var node = ref call.Outstanding;
        node.ExpiresAtSweep = timeout == Timeout.InfiniteTimeSpan
            ? long.MaxValue
            : Volatile.Read(ref _sweeps) + 1 + ((timeout.Ticks + Period.Ticks - 1) / Period.Ticks);
        node.Stripe = _stripes[Environment.CurrentManagedThreadId % _stripes.Length];
        node.Stripe.Add(call);
        if (Volatile.Read(ref _armed) == 0) Arm();
    }

    public static void Remove(GrainCall call) => call.Outstanding.Stripe?.Remove(call);

    /// <summary>All of them, as of now.</summary>
    public List<GrainCall> Snapshot() => [.. _stripes.SelectMany(stripe => stripe.Where(_ => true))];

    public void Dispose() => _timer.Dispose();

    private void Arm()
    {
        if (Interlocked.Exchange(ref _armed, 1) == 0) _timer.Change(Period, Timeout.InfiniteTimeSpan);
    }

    private void Sweep()
    {
        var sweep = Interlocked.Increment(ref _sweeps);
        foreach (var stripe in _stripes)
        {
            foreach (var call in stripe.Where(call => call.Outstanding.ExpiresAtSweep <= sweep))
            {
                _scheduler.Run(() => call.TimeOut(call.Method.ResponseTimeout ?? _defaultTimeout));
            }
        }

        // First off, then a look: a call added in between arms the timer itself or is seen here.
        Interlocked.Exchange(ref _armed, 0);
        if (_stripes.Any(stripe => !stripe.IsEmpty)) Arm();
    }

    /// <summary>The place of a call in its list, kept in the call.</summary>
    internal struct Node
    {
        public Stripe? Stripe;
        public GrainCall? Previous;
        public GrainCall? Next;
        public long ExpiresAtSweep;
    }

    /// <summary>One of several lists, so that threads seldom meet at its lock.</summary>
    internal sealed class Stripe
    {
        private readonly Lock _gate = new();
        private GrainCall? _first;

        public bool IsEmpty => Volatile.Read(ref _first) is null;

        public void Add(GrainCall call)
        {
            lock (_gate)
            {
                call.Outstanding.Next = _first;
                if (_first is not null) _first.Outstanding.Previous = call;
                _first = call;
            }
        }

        public void Remove(GrainCall call)
        {
            lock (_gate)
            {
                ref var node = ref call.Outstanding;
                if (node.Stripe is null) return;

                if (node.Previous is null) _first = node.Next;
                else node.Previous.Outstanding.Next = node.Next;
                if (node.Next is not null) node.Next.Outstanding.Previous = node.Previous;
                node = default;
            }
        }

        public List<GrainCall> Where(Func<GrainCall, bool> condition)
        {
            var found = new List<GrainCall>();
            lock (_gate)
            {
                for (var call = _first; call is not null; call = call.Outstanding.Next)
                {
                    if (condition(call)) found.Add(call);
                }
            }

            return found;
        }
    }
}
