using System.Collections.Immutable;
using Osmo.Workflows.Specification.Schema;

namespace Osmo.Workflows.Specification;

/// <summary>
/// Environment variables given at submission: put into every task, over the text's own (contract: workflow-spec §2.4 step 10).
/// </summary>
internal static class SpecEnvironment
{
    /// <summary>Returns the first entry that is not <c>KEY=VALUE</c>, or null; split at the first '='.</summary>
    public static string? Apply(WorkflowDocument document, ImmutableArray<string> entries, out WorkflowDocument extended)
    {
        extended = document;
        if (entries.IsDefaultOrEmpty)
        {
            return null;
        }

        var variables = new List<KeyValuePair<string, string>>();
        foreach (var entry in entries)
        {
            var split = entry.IndexOf('=', StringComparison.Ordinal);
            if (split <= 0)
            {
                return entry;
            }

            variables.Add(new(entry[..split], entry[(split + 1)..]));
        }

        extended = document with
        {
            Tasks = [.. document.Tasks.Select(Extend)],
            Groups = [.. document.Groups.Select(group => group with { Tasks = [.. group.Tasks.Select(Extend)] })],
        };
        return null;

        TaskSpec Extend(TaskSpec task) => task with { Environment = variables.Aggregate(task.Environment, Set) };
    }

    private static ImmutableArray<KeyValuePair<string, string>> Set(
        ImmutableArray<KeyValuePair<string, string>> environment, KeyValuePair<string, string> variable)
    {
        for (var i = 0; i < environment.Length; i++)
        {
            if (environment[i].Key == variable.Key)
            {
                return environment.SetItem(i, variable);
            }
        }

        return environment.Add(variable);
    }
}
