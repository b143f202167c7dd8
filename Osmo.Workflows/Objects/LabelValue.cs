using System.Text.RegularExpressions;

namespace Osmo.Workflows.Objects;

/// <summary>Kubernetes label values.</summary>
internal static partial class LabelValue
{
    private const int MaxLength = 63;

    /// <summary>At most 63 characters, and no '-' or '_' at a cut end (contract: backend-protocol §11).</summary>
    public static string Cut(string value) => value.Length <= MaxLength ? value : value[..MaxLength].TrimEnd('-', '_');

    public static bool IsValid(string value) => Pattern().IsMatch(value);

    [GeneratedRegex(@"^[A-Za-z0-9]([A-Za-z0-9_.-]{0,61}[A-Za-z0-9])?\z")]
    private static partial Regex Pattern();
}
