using System.Text.Json.Nodes;

namespace Osmo.Gateway.Tests.Hosting;

/// <summary>A recorded request and its answer.</summary>
public sealed record GoldenExchange(string Method, string Path, JsonNode? RequestBody, int Status, string? ContentType, JsonNode? Body)
{
    /// <summary>The base of links in the recordings.</summary>
    public const string BaseUrl = "http://127.0.0.1:18080";

    public static IReadOnlyList<GoldenExchange> Load(string name)
    {
        var recorded = JsonNode.Parse(
            File.ReadAllText(System.IO.Path.Combine(AppContext.BaseDirectory, "Golden", $"{name}.json")))!.AsArray();
        return [.. recorded.Select(exchange => new GoldenExchange(
            (string)exchange!["request"]!["method"]!,
            (string)exchange["request"]!["path"]!,
            exchange["request"]!["body"]?.DeepClone(),
            (int)exchange["response"]!["status"]!,
            (string?)exchange["response"]!["contentType"],
            exchange["response"]!["body"]?.DeepClone()))];
    }

    public static GoldenExchange Single(string name) => Assert.Single(Load(name));
}

/// <summary>Compares answers.</summary>
public static class JsonAssert
{
    public static void Same(JsonNode? expected, JsonNode? actual) =>
        Assert.True(JsonNode.DeepEquals(expected, actual), $"Expected:\n{expected?.ToJsonString()}\nFound:\n{actual?.ToJsonString()}");

    /// <summary>The same members with values of the same kind; values may differ, and null stands for any.</summary>
    public static void SameShape(JsonNode? expected, JsonNode? actual, string path = "$")
    {
        if (expected is null || actual is null)
        {
            return;
        }

        Assert.True(
            expected.GetValueKind() == actual.GetValueKind(), $"{path}: expected {expected.GetValueKind()}, found {actual.GetValueKind()}");
        switch (expected)
        {
            case JsonObject members:
                Assert.Equal(members.Select(member => member.Key).Order(), actual.AsObject().Select(member => member.Key).Order());
                foreach (var (name, value) in members)
                {
                    SameShape(value, actual[name], $"{path}.{name}");
                }

                break;
            case JsonArray items when items.Count > 0 && actual.AsArray().Count > 0:
                SameShape(items[0], actual[0], $"{path}[0]");
                break;
        }
    }
}
