using System.Globalization;
using System.Text;

namespace Osmo.Workflows.Specification;

/// <summary>
/// The validation report of a specification: a count, then location and message of each fault (contract: workflow-spec §8.2).
/// </summary>
internal static class SpecReport
{
    public static string Of(IReadOnlyList<SpecProblem> problems)
    {
        var report = new StringBuilder();
        report.Append(
            CultureInfo.InvariantCulture, $"{problems.Count} validation error{(problems.Count == 1 ? "" : "s")} for VersionedWorkflowSpec");
        foreach (var problem in problems)
        {
            report.Append('\n').Append(problem.Path).Append("\n  ").Append(problem.Message);
            if (problem.Found.Length > 0)
            {
                report.Append("; found ").Append(problem.Found);
            }

            if (problem.Allowed.Length > 0)
            {
                report.Append("; allowed: ").Append(problem.Allowed);
            }

            if (problem.Position.Line > 0)
            {
                report.Append(" [").Append(problem.Position).Append(']');
            }
        }

        return report.ToString();
    }
}
