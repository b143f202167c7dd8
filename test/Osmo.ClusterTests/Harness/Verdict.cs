using System.Collections.Concurrent;
using Npgsql;
using Osmo.ClusterTests.Processes;

namespace Osmo.ClusterTests.Harness;

/// <summary>What must hold at the end of a run, by the numbers of <c>docs/simulation.md</c>: seen from outside, in the database, and in the backends' clusters.</summary>
internal static class Verdict
{
    private const int Readers = 8;

    /// <summary>Read after everything has come to rest: each row of an answer is a violation.</summary>
    private static readonly string[] Laws =
    [
        "SELECT 'I2: ' || workflow_id || ' is still ' || status FROM workflow WHERE status IN ('PENDING', 'RUNNING', 'WAITING')",
        "SELECT 'I2: job ' || id || ' of backend ' || partition || ' is still open' FROM job",
        "SELECT 'I2: ' || workflow_id || ' still wants to be woken at ' || wake_at FROM workflow WHERE wake_at IS NOT NULL",
        "SELECT 'I4: task ' || t.name || ' of ' || t.workflow_id || ' is ' || t.status || ' but its workflow ' || w.status FROM task t JOIN workflow w USING (partition)"
            + " WHERE t.status IN ('SUBMITTING', 'WAITING', 'PROCESSING', 'SCHEDULING', 'INITIALIZING', 'RUNNING') OR (w.status = 'COMPLETED' AND t.status NOT IN ('COMPLETED', 'RESCHEDULED'))",
    ];

    /// <summary>Every violation, in words.</summary>
    public static async Task<IReadOnlyCollection<string>> Of(Cluster cluster, Load load, User user)
    {
        var faults = new ConcurrentQueue<string>(await Rest(cluster));
        await Parallel.ForEachAsync(load.Answered, new ParallelOptions { MaxDegreeOfParallelism = Readers }, async (answered, _) =>
        {
            foreach (var fault in await OfWorkflow(cluster, answered, user))
            {
                faults.Enqueue(fault);
            }
        });
        return faults;
    }

    private static async Task<IReadOnlyCollection<string>> OfWorkflow(Cluster cluster, Answered answered, User user)
    {
        var faults = new List<string>();
        var (id, work) = (answered.Id, answered.Work);
        var status = await user.Status(id);
        if (status != work.Status)
        {
            faults.Add($"I1: {id} ended {status}, not {work.Status}");
        }

        if (answered.Status is { } before && before != status)
        {
            faults.Add($"I3: {id} was {before} and became {status}");
        }

        if (await work.LogFault(user, id) is { } fault)
        {
            faults.Add(fault);
        }

        if (work.Operator is { } number)
        {
            faults.AddRange(OfPods(id, work, cluster.Nodes[number - 1].Pods(id)));
        }

        return faults;
    }

    private static IEnumerable<string> OfPods(string id, Work work, IReadOnlyCollection<PodLife> pods)
    {
        foreach (var attempt in pods.GroupBy(pod => pod.Attempt).Where(lives => lives.Count() > 1))
        {
            yield return $"I6: pod {attempt.First().Task} of {id} was created {attempt.Count()} times";
        }

        if (pods.Select(pod => pod.Attempt).Distinct().Count() is var count && count != work.Tasks)
        {
            yield return $"I6: {id} has {work.Tasks} tasks, but {count} pods were created";
        }

        foreach (var (pod, next) in pods.OrderBy(pod => pod.Created).Zip(pods.OrderBy(pod => pod.Created).Skip(1)))
        {
            if (!(pod.Finished < next.Created))
            {
                yield return $"I5: pod {next.Task} of {id} was created before {pod.Task} had ended";
            }
        }
    }

    /// <summary>What is still not at rest when everything had the time for it.</summary>
    private static async Task<IReadOnlyCollection<string>> Rest(Cluster cluster)
    {
        List<string> restless = [];
        try
        {
            await Eventually.Holds(
                async () =>
                {
                    restless = [.. await Read(cluster.Database), .. cluster.Nodes.SelectMany(nodes => nodes.Left).Select(left => $"I7: {left} is still there")];
                    return restless.Count == 0;
                },
                () => "Something is not at rest.",
                Member.RestPatience);
        }
        catch (TimeoutException)
        {
            // That is the answer.
        }

        return restless;
    }

    private static async Task<List<string>> Read(string database)
    {
        var broken = new List<string>();
        await using var source = NpgsqlDataSource.Create(database);
        foreach (var law in Laws)
        {
            await using var command = source.CreateCommand(law);
            await using var reader = await command.ExecuteReaderAsync();
            while (await reader.ReadAsync())
            {
                broken.Add(reader.GetString(0));
            }
        }

        return broken;
    }
}
