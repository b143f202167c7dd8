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
}
