using System.Collections.Concurrent;
using System.Text.Json.Nodes;

namespace Osmo.EndToEnd.Tests;

/// <summary>
/// What the outside has been told over several lives of a service: workflows whose submit was answered, lines of their logs, and ends.
/// All of it is promised to last.
/// </summary>
internal sealed class Progress
{
    private readonly ConcurrentDictionary<string, int> _linesSeen = [];
    private readonly ConcurrentDictionary<string, (string Status, string EndTime)> _ends = [];
    private readonly Lock _lock = new();
    private int _untilNews;
    private TaskCompletionSource? _enough;

    /// <summary>Workflows whose submit was answered.</summary>
    public IReadOnlyCollection<string> Answered => [.. _linesSeen.Keys];

    public IReadOnlyDictionary<string, (string Status, string EndTime)> Ends => _ends;

    /// <summary>Completes after that much news from now on.</summary>
    public Task News(int count)
    {
        lock (_lock)
        {
            _untilNews = count;
            _enough = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            return _enough.Task;
        }
    }

    public async Task Submit(User user, string spec)
    {
        var id = await user.Submit(spec);
        _linesSeen[id] = 0;
        Tell();
        await Follow(user, id);
    }

    /// <summary>Follows the log from its beginning; lines that were there in an earlier life are no news.</summary>
    public async Task Follow(User user, string id)
    {
        var lines = 0;
        await foreach (var _ in user.Lines($"/api/workflow/{id}/logs"))
        {
            if (++lines > _linesSeen[id])
            {
                _linesSeen[id] = lines;
                Tell();
            }
        }

        _ends[id] = EndOf(await user.Workflow(id));
        Tell();
    }

    public static (string Status, string EndTime) EndOf(JsonNode workflow) =>
        (workflow["status"]!.GetValue<string>(), $"{workflow["end_time"]}");

    private void Tell()
    {
        lock (_lock)
        {
            if (--_untilNews <= 0)
            {
                _enough?.TrySetResult();
            }
        }
    }
}
