using System.Collections.Immutable;
using System.Text.RegularExpressions;
using Osmo.Workflows.Yaml;

namespace Osmo.Workflows.Specification;

/// <summary>Syntax and merge of workflow labels (contract: workflow-spec §9.1).</summary>
public static partial class WorkflowLabels
{
    public const int MaxLabels = 16;

    public const int MaxPrefixLength = 253;

    public const int MaxSegmentLength = 63;

    /// <summary>
    /// Labels of the text (or the stored ones) with overrides, checked. Null labels mean that there is nothing to touch.
    /// Faults are one message with the path below <c>workflow</c>.
    /// </summary>
    public static LabelsOutcome Merge(
        YamlValue? written, ImmutableArray<KeyValuePair<string, string>>? stored, ImmutableArray<string> overrides)
    {
        if (written is null && stored is null or { IsEmpty: true } && overrides.IsEmpty)
        {
            return new LabelsOutcome.Merged(null);
        }

        var map = stored is { } kept
            ? kept.Aggregate(YamlValue.Map.Empty, (labels, label) => labels.With(label.Key, new YamlValue.Text(label.Value)))
            : written as YamlValue.Map ?? (written is null ? YamlValue.Map.Empty : null);
        if (map is null)
        {
            return new LabelsOutcome.Rejected("Workflow labels must be a map of string keys to string values.", written!);
        }

        foreach (var entry in overrides)
        {
            var split = entry.IndexOf('=', StringComparison.Ordinal);
            if (split < 0)
            {
                return new LabelsOutcome.Rejected("Workflow labels must use key=value format.", new YamlValue.Text(entry));
            }

            map = map.With(entry[..split], new YamlValue.Text(entry[(split + 1)..]));
        }

        return FirstFault(map) is var (message, value) ? new LabelsOutcome.Rejected(message, value) : new LabelsOutcome.Merged(map);
    }

    /// <summary>Null when the key is valid, else why it is not.</summary>
    public static string? KeyFault(string key)
    {
        var parts = key.Split('/');
        if (parts.Length > 2)
        {
            return $"Workflow label key \"{key}\" is not a valid Kubernetes label key.";
        }

        if (parts.Length == 2 && !(parts[0].Length <= MaxPrefixLength && DnsName().IsMatch(parts[0])))
        {
            return $"Workflow label key \"{key}\" has an invalid DNS prefix.";
        }

        return IsSegment(parts[^1]) ? null : $"Workflow label key \"{key}\" has an invalid name segment.";
    }

    /// <summary>1 to 63 characters, letters and digits at the ends, <c>-_.</c> inside: names of keys, and values.</summary>
    public static bool IsSegment(string text) => text.Length <= MaxSegmentLength && Segment().IsMatch(text);

    private static (string Message, YamlValue Value)? FirstFault(YamlValue.Map labels)
    {
        if (labels.Entries.Length > MaxLabels)
        {
            return ($"Workflows can have at most {MaxLabels} labels.", labels);
        }

        foreach (var (key, value) in labels.Entries)
        {
            if (key is not YamlValue.Text name)
            {
                return ("Workflow label keys must be strings.", key);
            }

            if (KeyFault(name.Value) is { } fault)
            {
                return (fault, key);
            }

            if (value is not YamlValue.Text text)
            {
                return ("Workflow label values must be strings.", value);
            }

            if (!IsSegment(text.Value))
            {
                return ($"Workflow label value \"{text.Value}\" is not a valid non-empty Kubernetes label value.", value);
            }
        }

        return null;
    }

    [GeneratedRegex(@"^[a-zA-Z0-9](?:[a-zA-Z0-9_.-]*[a-zA-Z0-9])?\z", RegexOptions.CultureInvariant)]
    private static partial Regex Segment();

    [GeneratedRegex(@"^[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?(?:\.[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?)*\z", RegexOptions.CultureInvariant)]
    private static partial Regex DnsName();
}

/// <summary>Labels of the text and of the caller together, or why they are refused (contract: workflow-spec §9.1).</summary>
public abstract record LabelsOutcome
{
    private LabelsOutcome()
    {
    }

    /// <summary>Null when neither the text nor the caller names a label.</summary>
    public sealed record Merged(YamlValue.Map? Labels) : LabelsOutcome;

    /// <summary>The first fault, and the value that has it.</summary>
    public sealed record Rejected(string Message, YamlValue Value) : LabelsOutcome;
}
