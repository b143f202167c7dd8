namespace Osmo.Grains;

/// <summary>Calls that wait inside a grain for the same thing. Used within the turns of one grain; those who wait go on in turns of their own.</summary>
internal sealed class WaitingCalls(TimeProvider time)
{
    private readonly HashSet<LongPoll> _waiting = [];

    /// <summary>Until <see cref="Wake"/>, the end of the time, or the caller's end.</summary>
    public async Task Wait(TimeSpan atMost, CancellationToken cancellation)
    {
        var poll = new LongPoll(time, atMost);
        _waiting.Add(poll);
        try
        {
            await poll.Wait(cancellation);
        }
        finally
        {
            _waiting.Remove(poll);
        }
    }

    public void Wake()
    {
        foreach (var poll in _waiting)
        {
            poll.Wake();
        }
    }
}
