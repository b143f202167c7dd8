using System.Collections.Concurrent;

namespace Osmo.Storage.Objects;

/// <summary>
/// Puts written files in their places so that they survive a loss of power: a group at a time, on a thread of its own. What makes syncing slow is the journal of the file
/// system, and the first sync of a group brings it up to date for all.
/// </summary>
internal sealed class FolderCommits : IDisposable
{
    /// <summary>Files in one group.</summary>
    private const int GroupMax = 256;

    /// <summary>Files that are ready; more of them wait for the disk, without a thread.</summary>
    private const int WaitingMax = 1024;

    private readonly SemaphoreSlim _room = new(WaitingMax);
    private readonly BlockingCollection<Placement> _ready = [];
    private readonly Thread _thread;

    public FolderCommits()
    {
        _thread = new Thread(Run) { IsBackground = true, Name = "object files" };
        _thread.Start();
    }

    /// <summary>Moves the file to its place; both survive a loss of power once this has completed. When it fails the file is where it was, or gone.</summary>
    /// <param name="file">Closed when this has succeeded.</param>
    public async Task Place(FileStream file, string place, CancellationToken cancellation)
    {
        await _room.WaitAsync(cancellation);
        var placement = new Placement(file, place);
        _ready.Add(placement, CancellationToken.None);
        await placement.Done.Task;
    }

    /// <summary>What is ready is still put in its place.</summary>
    public void Dispose()
    {
        if (_ready.IsAddingCompleted) return;
        _ready.CompleteAdding();
        _thread.Join();
    }

    private void Run()
    {
        var group = new List<Placement>(GroupMax);
        foreach (var first in _ready.GetConsumingEnumerable())
        {
            group.Clear();
            group.Add(first);
            while (group.Count < GroupMax && _ready.TryTake(out var next)) group.Add(next);
            _room.Release(group.Count);
            Commit(group);
        }
    }

    private static void Commit(List<Placement> group)
    {
        var folders = new HashSet<string>(StringComparer.Ordinal);
        foreach (var placement in group) placement.Try(() => placement.Sync());
        foreach (var placement in group) placement.Try(() => placement.Move(folders));
        var failures = new Dictionary<string, Exception>(StringComparer.Ordinal);
        foreach (var folder in folders)
        {
            try
            {
                FolderSync.Sync(folder);
            }
            catch (Exception error)
            {
                failures[folder] = error;
            }
        }
        foreach (var placement in group) placement.Complete(placement.Folders.Select(failures.GetValueOrDefault).FirstOrDefault(error => error is not null));
    }

    private sealed class Placement(FileStream file, string place)
    {
        private Exception? _failure;

        public TaskCompletionSource Done { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

        /// <summary>The file's folder, and those above it that came into being with it.</summary>
        public List<string> Folders { get; } = [];

        public void Sync()
        {
            using (file) file.Flush(flushToDisk: true);
        }

        public void Move(HashSet<string> touched)
        {
            var folder = Path.GetDirectoryName(place)!;
            for (var above = folder; above is not null; above = Path.GetDirectoryName(above))
            {
                Folders.Add(above);
                if (Directory.Exists(above)) break;
            }
            Directory.CreateDirectory(folder);
            File.Move(file.Name, place, overwrite: true);
            touched.UnionWith(Folders);
        }

        public void Try(Action step)
        {
            if (_failure is not null) return;
            try
            {
                step();
            }
            catch (Exception error)
            {
                // Whatever it is, it is the writer's to know, and must not end the thread that all others need.
                _failure = error;
            }
        }

        public void Complete(Exception? folderFailure)
        {
            if ((_failure ?? folderFailure) is { } failure) Done.SetException(failure);
            else Done.SetResult();
        }
    }
}
