using Osmo.Workflows.Specification;
using Osmo.Workflows.Templates;

namespace Osmo.Workflows.Tests.Specification;

/// <summary>Base specification B of the contract's table and ways to add to it (contract: workflow-spec §13).</summary>
internal static class SpecCases
{
    public const string Uuid = "0123456789abcdef0123456789abcdef";

    /// <summary>
    /// A workflow <c>w</c> with one task <c>t</c>; <paramref name="task"/> is a flow fragment put into the task, <paramref
    /// name="workflow"/> block lines put into the workflow.
    /// </summary>
    public static string B(string task = "", string workflow = "") =>
        "workflow:\n  name: w\n" + Indented(workflow) + "  tasks:\n  - name: t\n    image: busybox\n    command: [sh]\n" + (
            task.Length > 0 ? "    " + task + "\n" : "");

    public static SpecSource Source(string text) => new() { Text = text, WorkflowUuid = Uuid };

    public static SpecOutcome Read(string text) => new SpecReader(new TemplateEngine()).Read(Source(text));

    /// <param name="text">The specification.</param>
    /// <param name="number">The case of the contract's table, for the failure message.</param>
    public static WorkflowSpec Accept(string text, int number = 0) =>
        Read(text) is SpecOutcome.Accepted accepted
            ? accepted.Spec
            : throw new Xunit.Sdk.XunitException($"Case {number} should be accepted: {Reject(text).Message}");

    /// <inheritdoc cref="Accept"/>
    public static SpecRejection Reject(string text, int number = 0) =>
        Read(text) is SpecOutcome.Rejected rejected
            ? rejected.Rejection
            : throw new Xunit.Sdk.XunitException($"Case {number} should be rejected:\n{text}");

    /// <summary>What the contract says word by word: the message without the places and allowed values below it.</summary>
    public static string Messages(SpecRejection rejection) =>
        string.Join('\n', rejection.Message.Split('\n').Where(line => !line.StartsWith("  ", StringComparison.Ordinal)));

    public static IEnumerable<string> Shown(IEnumerable<KeyValuePair<string, string>> pairs) =>
        pairs.Select(pair => $"{pair.Key}={pair.Value}");

    private static string Indented(string lines) => lines.Length == 0 ? "" : string.Concat(lines.Split('\n').Select(line => $"  {line}\n"));
}
