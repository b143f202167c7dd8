namespace Osmo.Runtime.Data;

/// <summary>How far the tries to move one file have come. What an earlier try had reached is no progress, or a file that always breaks off would never be given up.</summary>
internal sealed class FileProgress(Action progress)
{
    private int _furthest;

    /// <summary>For one more try: to be called for each piece that was moved.</summary>
    public Action NewTry()
    {
        var reached = 0;
        return () =>
        {
            var now = Interlocked.Increment(ref reached);
            var before = Volatile.Read(ref _furthest);
            if (now > before && Interlocked.CompareExchange(ref _furthest, now, before) == before)
                progress();
        };
    }
}
