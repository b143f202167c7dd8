using System.Collections.Immutable;
using System.Globalization;
using System.Text.RegularExpressions;

namespace Osmo.Workflows.Configuration;

/// <summary>Exit codes as people write them: <c>1,10-20</c>, inclusive (contract: workflow-spec §6.7).</summary>
public static partial class ExitCodeRanges
{
    public static bool TryParse(string text, out ImmutableArray<(int First, int Last)> ranges)
    {
        ranges = [];
        if (!Pattern().IsMatch(text))
        {
            return false;
        }

        var found = ImmutableArray.CreateBuilder<(int, int)>();
        foreach (var part in text.Split(','))
        {
            var ends = part.Split('-');
            if (!TryCode(ends[0], out var first) || !TryCode(ends[^1], out var last))
            {
                return false;
            }

            found.Add((first, last));
        }

        ranges = found.DrainToImmutable();
        return true;
    }

    private static bool TryCode(string text, out int code) => int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out code);

    [GeneratedRegex(@"^\d+(-\d+)?(,\d+(-\d+)?)*\z")]
    private static partial Regex Pattern();
}
