using System.Text;
using Osmo.Runtime.Processes;

namespace Osmo.Runtime.Pods;

/// <summary>Kills the pod's process groups should the supervisor be killed itself.</summary>
/// <remarks>
/// A shell in a session of its own reads the groups from a pipe whose other end only the supervisor holds; when that end closes, however it
/// came to that, it kills the groups it last heard of. PR_SET_PDEATHSIG would reach only the direct child, and would fire when the thread
/// that started it ends.
/// </remarks>
internal sealed class OrphanGuard : IOrphanGuard, IDisposable
{
    private const string Script =
        "groups=; while read -r line; do groups=$line; done; for group in $groups; do kill -s KILL -- \"-$group\" 2>/dev/null; done";

    private readonly string _directory;
    private readonly Lock _gate = new();
    private readonly HashSet<int> _groups = [];
    private ChildProcess? _shell;
    private FileStream? _pipe;

    public OrphanGuard(string directory) => _directory = directory;

    public void Add(int processGroup)
    {
        lock (_gate)
        {
            if (_shell is null)
                Start();
            _groups.Add(processGroup);
            Tell();
        }
    }

    public void Remove(int processGroup)
    {
        lock (_gate)
        {
            if (_groups.Remove(processGroup))
                Tell();
        }
    }

    public void Dispose()
    {
        lock (_gate)
        {
            _pipe?.Dispose();
            _shell?.Dispose();
        }
    }

    private void Start()
    {
        var environment = new Dictionary<string, string> { ["PATH"] = "/usr/local/bin:/usr/bin:/bin" };
        var request = new SpawnRequest("/bin/sh", ["-c", Script], environment, _directory) { PipeInput = true, OwnSession = true };
        _shell = ChildProcess.Start(request);
        _pipe = new FileStream(_shell.StandardInput!, FileAccess.Write, bufferSize: 0);
    }

    /// <summary>The whole list each time: one short write is atomic on a pipe.</summary>
    private void Tell() => _pipe!.Write(Encoding.ASCII.GetBytes(string.Join(' ', _groups) + "\n"));
}
