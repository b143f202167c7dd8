using System.Globalization;
using System.Text;

namespace Osmo.Workflows.Specification;

/// <summary>
/// Faults of a specification as its author reads them: what is wrong, where, what was found and what is allowed.
/// </summary>
internal static class SpecReport
{
    /// <summary>The report of the schema: a count, then location and message of each fault (contract: workflow-spec §8.2).</summary>
    public static string OfSchema(IReadOnlyList<SpecProblem> problems)
    {
        var report = new StringBuilder();
        report.Append(
            CultureInfo.InvariantCulture, $"{problems.Count} validation error{(problems.Count == 1 ? "" : "s")} for VersionedWorkflowSpec");
        foreach (var problem in problems)
        {
            report.Append('\n').Append(problem.Path).Append("\n  ").Append(problem.Message);
            foreach (var detail in Details(problem))
            {
                report.Append("; ").Append(detail);
            }

            AppendPosition(report, problem);
        }

        return report.ToString();
    }

    /// <summary>Faults beyond the schema: each message once, as clients know it, and below it every place it is about and what is allowed there.</summary>
    public static string Of(IReadOnlyList<SpecProblem> problems)
    {
        var report = new StringBuilder();
        foreach (var alike in problems.GroupBy(problem => problem.Message))
        {
            report.Append(report.Length > 0 ? "\n" : "").Append(alike.Key);
            foreach (var place in alike.Select(Place).Where(place => place.Length > 0).Distinct())
            {
                report.Append("\n  ").Append(place);
            }
        }

        return report.ToString();
    }

    /// <summary>Empty when there is nothing to add to the message. Without a position the path is that of the normal form, which the author has not written.</summary>
    private static string Place(SpecProblem problem)
    {
        var path = problem is { Position.Line: > 0, Path.Length: > 0 } ? [problem.Path] : Array.Empty<string>();
        var isNamed = problem.Message.Contains(problem.Found, StringComparison.Ordinal);
        var place = new StringBuilder(string.Join("; ", path.Concat(Details(isNamed ? problem with { Found = "" } : problem))));
        AppendPosition(place, problem);
        return place.ToString();
    }

    private static IEnumerable<string> Details(SpecProblem problem)
    {
        if (problem.Found.Length > 0)
        {
            yield return $"found {problem.Found}";
        }

        if (problem.Allowed.Length > 0)
        {
            yield return $"allowed: {problem.Allowed}";
        }
    }

    private static void AppendPosition(StringBuilder text, SpecProblem problem)
    {
        if (problem.Position.Line > 0)
        {
            text.Append(text.Length > 0 ? " [" : "[").Append(problem.Position).Append(']');
        }
    }
}
