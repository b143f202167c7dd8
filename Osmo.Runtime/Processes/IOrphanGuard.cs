namespace Osmo.Runtime.Processes;

/// <summary>Sees to it that process groups die with this process, however it ends.</summary>
public interface IOrphanGuard
{
    void Add(int processGroup);

    void Remove(int processGroup);
}

/// <summary>For containers: the kernel ends everything in them with their first process.</summary>
internal sealed class NoOrphanGuard : IOrphanGuard
{
    public static NoOrphanGuard Instance { get; } = new();

    public void Add(int processGroup)
    {
    }

    public void Remove(int processGroup)
    {
    }
}
