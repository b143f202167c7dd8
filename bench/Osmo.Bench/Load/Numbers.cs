using System.CommandLine.Parsing;

namespace Osmo.Bench.Load;

/// <summary>Options such as <c>1,8,64</c>.</summary>
internal static class Numbers
{
    public static int[] Parse(ArgumentResult result)
    {
        var numbers = new List<int>();
        foreach (var text in result.Tokens.SelectMany(token => token.Value.Split(',')))
        {
            if (int.TryParse(text, out var number) && number > 0)
            {
                numbers.Add(number);
            }
            else
            {
                result.AddError($"'{text}' is not a positive number; write numbers with commas between them, such as 1,8,64.");
            }
        }
        return [.. numbers];
    }
}
