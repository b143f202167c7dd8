using System.Text.RegularExpressions;

namespace Osmo.Workflows.Specification;

/// <summary>Names of workflows, groups and tasks (contract: workflow-spec §6, §10.1).</summary>
public static partial class SpecName
{
    private const string Name = "[a-zA-Z]([a-zA-Z0-9_-]*[a-zA-Z0-9])?";

    /// <summary>Name of the control container, which no task may take.</summary>
    public const string ReservedTaskName = "osmo-ctrl";

    /// <summary>Suffix of the group that a task outside any group gets.</summary>
    public const string GroupSuffix = "-group";

    /// <summary>Longest name, in characters, under which a rejected submission is recorded; databases cannot index any length.</summary>
    private const int RecordedLengthMax = 256;

    public static bool IsValid(string name) => NamePattern().IsMatch(name);

    /// <summary>The form in which names must differ: Kubernetes knows neither upper case nor '_'.</summary>
    public static string Canonical(string name) => name.ToLowerInvariant().Replace('_', '-');

    /// <summary>Name of the record of a submission that failed before its name was known.</summary>
    public static string OfFailed(string workflowUuid) => $"failed-{workflowUuid}";

    /// <summary>Name of the record of a submission that was rejected as <paramref name="name"/>, which may be one that no workflow can have.</summary>
    public static string OfRejected(string name, string workflowUuid) => name.Length <= RecordedLengthMax ? name : OfFailed(workflowUuid);

    [GeneratedRegex($@"^{Name}\z", RegexOptions.CultureInvariant)]
    internal static partial Regex NamePattern();

    /// <summary><c>name</c>, or <c>workflow-id:name</c> for a task of another workflow.</summary>
    [GeneratedRegex($@"^{Name}(:{Name})?\z", RegexOptions.CultureInvariant)]
    internal static partial Regex TaskReferencePattern();
}
