using System.Text;
using System.Text.Json;
using Osmo.Protocol.Backend;

namespace Osmo.Protocol.Tests.Backend;

public sealed class LeftoverReportTests
{
    private const string Uuid = "0123456789abcdef0123456789abcdef";

    [Fact]
    public void Report_AsLargeAsAllowed_FitsAndComesBack()
    {
        var report = new LeftoverReport([.. Enumerable.Repeat(new LeftoverGroup(Uuid, Uuid), LeftoverReport.GroupsMax)]);

        var encoded = report.Encode();

        Assert.True(encoded.Length <= LeftoverReport.BytesMax);
        Assert.Equal(report.Groups.AsEnumerable(), LeftoverReport.Decode(encoded).Groups);
    }

    [Theory]
    [InlineData("null", "null")]
    [InlineData("[]", "LeftoverReport")]
    [InlineData("{}", "groups")]
    [InlineData("""{"groups": null}""", "groups")]
    [InlineData("""{"groups": [null]}""", "groups[0]")]
    [InlineData("""{"groups": [], "more": 1}""", "more")]
    [InlineData($$"""{"groups": [{"workflow_uuid": "{{Uuid}}"}]}""", "group_uuid")]
    [InlineData($$"""{"groups": [{"workflow_uuid": "{{Uuid}}", "group_uuid": "{{Uuid}}"}, {"workflow_uuid": "../w", "group_uuid": "{{Uuid}}"}]}""", "groups[1]")]
    public void Report_ThatIsNone_SaysWhy(string json, string expected) =>
        Assert.Contains(expected, Assert.Throws<JsonException>(() => LeftoverReport.Decode(Encoding.UTF8.GetBytes(json))).Message, StringComparison.Ordinal);

    [Fact]
    public void Report_OfTooMany_IsRefused()
    {
        var tooMany = new LeftoverReport([.. Enumerable.Repeat(new LeftoverGroup(Uuid, Uuid), LeftoverReport.GroupsMax + 1)]).Encode();

        Assert.Contains("501", Assert.Throws<JsonException>(() => LeftoverReport.Decode(tooMany)).Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(Uuid, Uuid, true)]
    [InlineData("0123456789ABCDEF0123456789ABCDEF", Uuid, false)]
    [InlineData(Uuid, "mine", false)]
    public void Labels_OfOthers_AreNoGroups(string workflow, string group, bool isGroup) => Assert.Equal(isGroup, LeftoverGroup.Of(workflow, group) is not null);
}
