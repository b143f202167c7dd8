using System.Text.RegularExpressions;

namespace Osmo.Tidy.Tests;

/// <summary>Every row of the contract's test matrix has a test that bears its number (contract: lifecycle §26).</summary>
public partial class TestMatrixTests
{
    private const int Rows = 75;

    [Fact]
    public void Rows_OfTheMatrix_AllHaveATest()
    {
        var tested = Repository.Sources.Where(file => file.EndsWith("Tests.cs", StringComparison.Ordinal))
            .SelectMany(file => RowTest().Matches(File.ReadAllText(file)))
            .SelectMany(test => RowsOf(test.Groups["rows"].Value));

        Assert.Empty(Enumerable.Range(1, Rows).Except(tested));
    }

    /// <summary><c>01And02</c>, <c>27To30And70</c>.</summary>
    private static IEnumerable<int> RowsOf(string name) =>
        from part in name.Split("And")
        let ends = part.Split("To").Select(int.Parse).ToArray()
        from row in Enumerable.Range(ends[0], ends[^1] - ends[0] + 1)
        select row;

    [GeneratedRegex(@"public (async )?(void|Task) Row(?<rows>\d\d((And|To)\d\d)*)_", RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture)]
    private static partial Regex RowTest();
}
