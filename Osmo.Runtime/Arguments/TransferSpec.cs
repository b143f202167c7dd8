using System.Globalization;

namespace Osmo.Runtime.Arguments;

/// <summary>
/// One <c>-inputs</c> argument: <c>task:&lt;index&gt;,&lt;url&gt;,&lt;regex&gt;</c> or <c>url:…</c> (contract: runtime-protocol §16.1).
/// </summary>
/// <param name="IsTask">The output of another task, read with the service's credentials; otherwise a URL, read with the user's.</param>
/// <param name="Index">N of <c>/osmo/data/input/N</c>.</param>
/// <param name="Regex">Python syntax, anchored at the start; empty takes all.</param>
internal sealed record InputSpec(bool IsTask, int Index, string Url, string Regex)
{
    /// <summary>As logs name it: the task's name, or the URL.</summary>
    public string DisplayName => IsTask ? Url.TrimEnd('/').Split('/')[^1] : Url;

    public static InputSpec Parse(string argument)
    {
        var (kind, rest) = TransferArgument.SplitKind(argument, "-inputs", "task, url");
        var fields = rest.Split(',', 3);
        if (kind is not ("task" or "url"))
            throw TransferArgument.Bad(argument, "-inputs", $"kind '{kind}' is unknown; allowed are task, url");
        if (fields.Length < 2 || fields[1].Length == 0)
            throw TransferArgument.Bad(argument, "-inputs", "expected <kind>:<index>,<url>,<regex>");
        return int.TryParse(fields[0], NumberStyles.None, CultureInfo.InvariantCulture, out var index)
            ? new InputSpec(kind == "task", index, fields[1], fields.Length > 2 ? fields[2] : "")
            : throw TransferArgument.Bad(argument, "-inputs", $"index '{fields[0]}' is not a number from 0");
    }
}

/// <summary>One <c>-outputs</c> argument (contract: runtime-protocol §16.1).</summary>
internal abstract record OutputSpec
{
    private OutputSpec()
    {
    }

    /// <summary>The whole output folder, for downstream tasks; the service's credentials.</summary>
    public sealed record Task(string Url) : OutputSpec;

    /// <summary>One file of the output folder; the service's credentials.</summary>
    public sealed record Kpi(string Url, string Path) : OutputSpec;

    /// <summary>The output folder to a place of the user's; the user's credentials.</summary>
    /// <remarks>Everything after the first comma is the regex, commas included: URLs have none.</remarks>
    public sealed record Location(string Url, string Regex) : OutputSpec;

    public static OutputSpec Parse(string argument)
    {
        var (kind, rest) = TransferArgument.SplitKind(argument, "-outputs", "task, kpi, url");
        var fields = rest.Split(',', 2);
        if (fields[0].Length == 0)
            throw TransferArgument.Bad(argument, "-outputs", "the URL is empty");
        return kind switch
        {
            "task" => new Task(fields[0]),
            "kpi" when fields.Length == 2 && fields[1].Length > 0 => new Kpi(fields[0], fields[1]),
            "kpi" => throw TransferArgument.Bad(argument, "-outputs", "expected kpi:<url>,<path>"),
            "url" => new Location(fields[0], fields.Length > 1 ? fields[1] : ""),
            _ => throw TransferArgument.Bad(argument, "-outputs", $"kind '{kind}' is unknown; allowed are task, kpi, url"),
        };
    }
}

/// <summary>An <c>-inputs</c> or <c>-outputs</c> argument that cannot be read: ctrl exit code 30.</summary>
internal sealed class TransferArgumentException(string message) : Exception(message);

internal static class TransferArgument
{
    public static (string Kind, string Fields) SplitKind(string argument, string flag, string allowed)
    {
        var colon = argument.IndexOf(':', StringComparison.Ordinal);
        return colon > 0
            ? (argument[..colon], argument[(colon + 1)..])
            : throw Bad(argument, flag, $"it must begin with one of {allowed} and a colon");
    }

    public static TransferArgumentException Bad(string argument, string flag, string reason) =>
        new($"Argument {flag} '{argument}' is not valid: {reason}.");
}
