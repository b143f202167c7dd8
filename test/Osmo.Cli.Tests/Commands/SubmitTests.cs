using System.Collections.Concurrent;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Http;
using Osmo.Cli.Client;

namespace Osmo.Cli.Tests.Commands;

public sealed class SubmitTests : IDisposable
{
    private const string Accepted =
        """{"name": "a-1", "overview": "http://o/a-1", "spec": "workflow: {name: a}", "dashboard_url": null, "warnings": ["careful"]}""";

    private readonly TemporaryDirectory _home = new();
    private readonly ConcurrentQueue<JsonNode?> _bodies = new();

    public void Dispose() => _home.Dispose();

    [Fact]
    public async Task Submit_LocalFiles_TravelAsContents()
    {
        _home.Write("data.txt", "line 1\nline 2\n");
        const string Task = "{name: t, files: [{path: /data, localpath: data.txt}]}";
        var file = _home.Write("wf.yaml", $"workflow: {{name: a, groups: [{{name: g, tasks: [{Task}]}}]}}\n");

        await Run(file, "-p", "main");

        Assert.Contains("contents: ", Single()["file"]!.GetValue<string>());
        Assert.Contains("line 2", Single()["file"]!.GetValue<string>());
        Assert.DoesNotContain("localpath", Single()["file"]!.GetValue<string>());
    }

    [Fact]
    public async Task Submit_PlainFile_TravelsWordForWord()
    {
        const string Text = "# why\nworkflow:\n  name: a\n  labels: {z: 'y', b: c}\n";

        await Run(_home.Write("wf.yaml", Text), "-p", "main");

        Assert.Equal(Text, Single()["file"]!.GetValue<string>());
        Assert.Null(Single()["uploaded_templated_spec"]);
    }

    [Theory]
    [InlineData("workflow: {name: a}\n", false)]
    [InlineData("workflow: {name: a} # {{ '' }}\n", true)]
    public async Task Submit_RefusedAtALine_SaysWhoseLineItIs(string text, bool isRewritten)
    {
        await using var service = await ScriptedService.Start(context =>
        {
            var isDryRun = context.Request.QueryString.Value!.Contains("dry_run=True", StringComparison.Ordinal);
            context.Response.StatusCode = isDryRun ? 200 : 400;
            return context.Response.WriteAsync(isDryRun
                ? """{"name": "a", "spec": "workflow: {name: a}"}"""
                : """{"message": "wrong [line 1, column 1]", "error_code": "USAGE", "workflow_id": "a"}""");
        });
        _home.Write("login.yaml", CliRun.LoginAt(service.Url));
        var file = _home.Write("wf.yaml", text);

        var run = await CliRun.Of(_home, ["workflow", "submit", file, "-p", "main"]);

        var hint = isRewritten
            ? $"The lines are those of the text as it was sent; for those of the file: osmo workflow validate {file} --offline\n"
            : "";
        Assert.Equal($"Error message: Workflow a submit failed:\nwrong [line 1, column 1]\n{hint}Error code: 1\n", run.Output);
    }

    [Theory]
    [InlineData("localpath: gone.txt", "does not exist!")]
    [InlineData("localpath: ., contents: x", "Files tag dont support contents and localpath together")]
    [InlineData("localpath: .", "cannot be read")]
    [InlineData("localpath: login.yaml, path: \"", "is not valid YAML")]
    public async Task Submit_LocalFileThatCannotTravel_IsRefusedHere(string fields, string message)
    {
        var file = _home.Write("wf.yaml", $"workflow: {{name: a, tasks: [{{name: t, files: [{{{fields}}}]}}]}}\n");

        var run = await Run(file, "-p", "main");

        Assert.NotEqual(0, run.ExitCode);
        Assert.Contains(message, run.Output);
        Assert.Empty(_bodies);
    }

    [Fact]
    public async Task Submit_EnvironmentAndLowPriority_AreSentAndWarnedOf()
    {
        var file = _home.Write("wf.yaml", "workflow: {name: a}\n");

        var run = await Run(file, "--set-env", "A=1", "B=2", "--prio", "low", "-p", "main");

        Assert.Equal(
            """
            Workflow submit successful.
            Workflow ID        - a-1
            Workflow Overview  - http://o/a-1
            WARNING: careful

            WARNING: LOW priority can be preempted during the run.

            """,
            run.Output);
        Assert.Equal("POST /api/pool/main/workflow?priority=LOW&env_vars=A%3D1&env_vars=B%3D2", run.Error);
    }

    [Fact]
    public async Task Submit_WorkflowId_IsSubmittedOnceMore()
    {
        var run = await Run("train-12", "-p", "main", "--label", "a=b");

        Assert.Equal("POST /api/pool/main/workflow?label=a%3Db&workflow_id=train-12", run.Error);
        Assert.Null(Assert.Single(_bodies));
    }

    [Theory]
    [InlineData("train-12", "--dry-run")]
    [InlineData("train-12", "--set", "a=1")]
    [InlineData("train-12", "--set-env", "a=1")]
    public async Task Submit_WorkflowIdWithChanges_IsRefused(params string[] words)
    {
        var run = await Run([.. words, "-p", "main"]);

        Assert.Equal(ExitCodes.User, run.ExitCode);
        Assert.Contains($"{words[1]} is not supported", run.Output);
    }

    [Theory]
    [InlineData("nothing.yaml")]
    [InlineData("7d1bbd3e64c14b0c9e1bb0b3d5b6a7f0")]
    public async Task Submit_NeitherFileNorId_IsASubmissionError(string argument)
    {
        var run = await Run(argument, "-p", "main");

        Assert.Equal(ExitCodes.Submission, run.ExitCode);
        Assert.Contains(argument, run.Output);
    }

    [Fact]
    public async Task Validate_UnknownSection_IsRefusedHere()
    {
        var file = _home.Write("wf.yaml", "workflow: {name: a}\nextra: 1\n");
        _home.Write("login.yaml", CliRun.LoginAt(new Uri("http://127.0.0.1:1")));

        var run = await CliRun.Of(_home, ["workflow", "validate", file, "-p", "main"]);

        Assert.Equal(ExitCodes.User, run.ExitCode);
        Assert.Contains("Unknown top-level key \"extra\" found in the workflow spec. (line 2, column 1)", run.Output);
    }

    [Fact]
    public async Task Submit_NoPoolNamed_TakesTheOnlyOne()
    {
        await using var service = await ScriptedService.Start(context => context.Response.WriteAsync(context.Request.Path.Value switch
        {
            "/api/profile/settings" => """{"profile": {"pool": null}}""",
            "/api/pool" => """{"pools": {"lone": {}}}""",
            _ => Accepted,
        }));
        _home.Write("login.yaml", CliRun.LoginAt(service.Url));

        await CliRun.Of(_home, ["workflow", "submit", _home.Write("wf.yaml", "workflow: {name: a}\n")]);

        Assert.Equal("POST /api/pool/lone/workflow", service.Requests.Last());
    }

    /// <summary>
    /// Submits to a service that accepts everything; the requests stand in <see cref="CliRun.Error"/> when there was no error.
    /// </summary>
    private async Task<CliRun> Run(params string[] words)
    {
        await using var service = await ScriptedService.Start(async context =>
        {
            using var reader = new StreamReader(context.Request.Body);
            var body = await reader.ReadToEndAsync();
            _bodies.Enqueue(body.Length == 0 ? null : JsonNode.Parse(body));
            await context.Response.WriteAsync(Accepted);
        });
        _home.Write("login.yaml", CliRun.LoginAt(service.Url));
        var run = await CliRun.Of(_home, ["workflow", "submit", .. words]);
        return run.ExitCode == 0 ? run with { Error = string.Join('\n', service.Requests) } : run;
    }

    private JsonNode Single() => Assert.Single(_bodies)!;
}
