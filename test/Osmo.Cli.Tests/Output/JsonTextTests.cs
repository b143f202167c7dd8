using System.Text.Json.Nodes;
using Osmo.Cli.Output;

namespace Osmo.Cli.Tests.Output;

public class JsonTextTests
{
    [Theory]
    [InlineData("null", "null")]
    [InlineData("[]", "[]")]
    [InlineData("""{"a":{}}""", "{\n  \"a\": {}\n}")]
    [InlineData("""{"a":[1,2.50,1e5,true,null]}""", "{\n  \"a\": [\n    1,\n    2.50,\n    1e5,\n    true,\n    null\n  ]\n}")]
    [InlineData("\"a<b>&'+\\\"\\\\/\"", "\"a<b>&'+\\\"\\\\/\"")]
    [InlineData("\"\u00e9\\n\\u0001\U0001F600\"", "\"\\u00e9\\n\\u0001\\ud83d\\ude00\"")]
    public void Of_Node_IsWhatUpstreamPrints(string json, string expected) =>
        Assert.Equal(expected, JsonText.Of(JsonNode.Parse(json), indent: 2));
}
