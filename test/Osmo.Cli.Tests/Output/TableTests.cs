using Osmo.Cli.Output;

namespace Osmo.Cli.Tests.Output;

public class TableTests
{
    [Fact]
    public void WriteTo_RowsAndSum_PadsEveryLineToTheWidestCell()
    {
        var table = new Table("User", "gpu") { Sum = ["", "14"] };
        table.Add("demo", "4");
        table.Add("operations", "10");

        Assert.Equal(
            """
            User         gpu
            ================
            demo         4  
            operations   10 
            ================
                         14 

            """,
            Written(table));
    }

    [Fact]
    public void WriteTo_NoRows_IsHeaderAndRule() => Assert.Equal("A   B\n=====\n", Written(new Table("A", "B")));

    private static string Written(Table table)
    {
        using var output = new StringWriter();
        table.WriteTo(output);
        return output.ToString();
    }
}
