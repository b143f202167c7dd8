using System.Collections.Immutable;
using System.Runtime.CompilerServices;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.WebUtilities;
using Osmo.Cli.Client;
using Osmo.Workflows.Yaml;

namespace Osmo.Cli.Tests;

/// <summary>
/// Recorded calls of upstream's client: same words and same answers of the service must give the same requests, stdout and exit code.
/// </summary>
public class CaptureTests
{
    public static TheoryData<string> Captures =>
        [.. Directory.EnumerateFiles(Folder(), "*.json")
            .Select(path => Path.GetFileNameWithoutExtension(path)!).Order(StringComparer.Ordinal)];

    [Theory]
    [MemberData(nameof(Captures))]
    public async Task Run_RecordedCall_SaysTheSame(string name)
    {
        var capture = JsonNode.Parse(await File.ReadAllTextAsync(Path.Combine(Folder(), $"{name}.json")))!;
        var expected = capture["exchanges"]!.AsArray().Select(exchange => exchange!).ToList();
        var unexpected = new List<string>();
        await using var service = await ScriptedService.Start(context => Answer(context, expected, unexpected));
        using var home = new TemporaryDirectory();
        home.Write("login.yaml", CliRun.LoginAt(service.Url));
        var files =
            capture["files"]!.AsObject().ToDictionary(file => file.Key, file => home.Write(file.Key, file.Value!.GetValue<string>()));

        var run = await CliRun.Of(
            home, capture["argv"]!.AsArray().Select(word => files.GetValueOrDefault(word!.GetValue<string>(), word!.GetValue<string>())));

        Assert.Empty(unexpected);
        Assert.Empty(expected.Select(exchange => $"{exchange["method"]} {exchange["path"]}"));
        Assert.Equal(capture["exit_code"]!.GetValue<int>(), run.ExitCode);
        if (run.ExitCode < ExitCodes.ServerError)
        {
            Assert.Equal(capture["stdout"]!.GetValue<string>(), run.Output);
        }
        else
        {
            // Upstream dumps every header of a failed answer; the message is what people look for.
            Assert.StartsWith("Error message: Internal server error: ", run.Output);
            Assert.EndsWith("Error code: 500\n", run.Output);
        }
    }

    private static async Task Answer(HttpContext context, List<JsonNode> expected, List<string> unexpected)
    {
        using var reader = new StreamReader(context.Request.Body);
        var body = await reader.ReadToEndAsync();
        var request = context.Request;
        var found = expected.FirstOrDefault(exchange =>
            exchange["method"]!.GetValue<string>() == request.Method && Same(exchange["path"]!.GetValue<string>(), request)
                && Same(exchange["body"], body));
        if (found is null)
        {
            unexpected.Add($"{request.Method} {request.Path}{request.QueryString} {body}");
            context.Response.StatusCode = StatusCodes.Status418ImATeapot;
            return;
        }

        expected.Remove(found);
        context.Response.StatusCode = found["status"]!.GetValue<int>();
        context.Response.ContentType = found["content_type"]!.GetValue<string>();
        var isText = context.Response.ContentType.StartsWith("text/", StringComparison.Ordinal);
        await context.Response.WriteAsync(isText ? found["answer"]!.GetValue<string>() : found["answer"]?.ToJsonString() ?? "null");
    }

    /// <summary>The order of parameters means nothing; that of one parameter's values does.</summary>
    private static bool Same(string path, HttpRequest request)
    {
        var parts = path.Split('?', 2);
        return parts[0] == request.Path && Parameters(parts.ElementAtOrDefault(1)) == Parameters(request.QueryString.Value);
    }

    private static string Parameters(string? query) =>
        string.Join('&', QueryHelpers.ParseQuery(query).OrderBy(pair => pair.Key, StringComparer.Ordinal)
        .Select(pair => $"{pair.Key}={string.Join(',', pair.Value.ToImmutableArray())}"));

    /// <summary>A specification may be laid out differently, but must mean the same.</summary>
    private static bool Same(JsonNode? recorded, string body)
    {
        if (recorded is null)
        {
            return body.Length == 0;
        }

        if (body.Length == 0 || JsonNode.Parse(body) is not JsonObject sent)
        {
            return false;
        }

        var wanted = recorded.DeepClone().AsObject();
        foreach (var one in (JsonObject[])[wanted, sent])
        {
            if (one["file"] is { } file && YamlReader.Read(file.GetValue<string>()) is YamlReadResult.Read { Root: var root })
            {
                one["file"] = YamlWriter.Write(root);
            }
        }

        return JsonNode.DeepEquals(wanted, sent);
    }

    private static string Folder([CallerFilePath] string here = "") => Path.Combine(Path.GetDirectoryName(here)!, "Captures");
}
