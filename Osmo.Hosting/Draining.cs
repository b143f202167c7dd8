namespace Osmo.Hosting;

/// <summary>Whether this process has been told to stop. It still serves, but wants nothing new.</summary>
public sealed class Draining
{
    private volatile bool _isOn;

    public bool IsOn => _isOn;

    public void Start() => _isOn = true;
}

/// <summary>Something without which the process cannot serve.</summary>
public interface IReadiness
{
    /// <summary>Null when it can; otherwise the reason, in one line. May take long or fail: the caller bounds both.</summary>
    Task<string?> WhyNot(CancellationToken cancellation);
}
