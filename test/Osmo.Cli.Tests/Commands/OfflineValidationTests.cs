using Osmo.Cli.Client;

namespace Osmo.Cli.Tests.Commands;

public sealed class OfflineValidationTests : IDisposable
{
    private readonly TemporaryDirectory _home = new();

    public void Dispose() => _home.Dispose();

    [Fact]
    public async Task Validate_Offline_NeedsNeitherLoginNorService()
    {
        _home.Write("run.sh", "echo {{output}}\n");
        _home.Write("good.yaml", """
            workflow:
              name: good-{{ n }}
              tasks:
              - {name: t, image: alpine, command: [sh, /run.sh], files: [{path: /run.sh, localpath: run.sh}]}
            default-values:
              n: 1
            """);

        var run = await CliRun.Of(_home, ["workflow", "validate", "--offline", Path.Combine(_home.Path, "good.yaml")]);

        Assert.Equal((0, "Workflow validation succeeded.\n"), (run.ExitCode, run.Output));
    }

    [Fact]
    public async Task Validate_OfflineWithFaults_NamesEachWithItsPlace()
    {
        _home.Write("bad.yaml", """
            workflow:
              name: 5x
              tasks:
              - name: t
                image: alpine
                comand: [sh]
            """);

        var run = await CliRun.Of(_home, ["workflow", "validate", "--offline", Path.Combine(_home.Path, "bad.yaml")]);

        Assert.Equal(ExitCodes.Submission, run.ExitCode);
        Assert.Contains("workflow.name", run.Error);
        Assert.Contains("workflow.tasks.0.comand", run.Error);
        Assert.Contains("bad.yaml:", run.Error);
    }

    [Fact]
    public async Task Validate_OfflineTemplateWithLocalFiles_PointsIntoTheFile()
    {
        _home.Write("run.sh", "echo\n");
        _home.Write("bad.yaml", """
            default-values:
              n: 2
            workflow:
              name: w
              tasks:
              {% for i in range(n) %}
              - name: t{{ i }}
                image: alpine
                command: [sh]
                files: [{path: /run.sh, localpath: run.sh}]
              {% endfor %}
              - {name: last, image: alpine, command: sh}
            """);

        var run = await CliRun.Of(_home, ["workflow", "validate", "--offline", Path.Combine(_home.Path, "bad.yaml")]);

        Assert.Equal(ExitCodes.Submission, run.ExitCode);
        Assert.Contains("bad.yaml:line 12, column 42: workflow.tasks.2.command", run.Error);
    }

    [Fact]
    public async Task Validate_OfflineWithLocalFileThatLooksLikeATemplate_SaysSo()
    {
        _home.Write("run.sh", "echo {{ x }}\n");
        _home.Write("bad.yaml", """
            workflow:
              name: w
              tasks:
              - {name: t, image: alpine, command: [sh], files: [{path: /run.sh, localpath: run.sh}]}
            """);

        var run = await CliRun.Of(_home, ["workflow", "validate", "--offline", Path.Combine(_home.Path, "bad.yaml")]);

        Assert.Equal(ExitCodes.Submission, run.ExitCode);
        Assert.Contains("rendered again", run.Error);
        Assert.Contains("'x' is undefined", run.Error);
    }
}
