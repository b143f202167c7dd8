namespace Osmo.Cli.Tests.Commands;

public sealed class HelpTests : IDisposable
{
    private readonly TemporaryDirectory _home = new();

    public void Dispose() => _home.Dispose();

    [Theory]
    [InlineData("")]
    [InlineData("-h")]
    [InlineData("login -h")]
    [InlineData("workflow --help")]
    [InlineData("workflow submit --help")]
    [InlineData("workflow cancel -h")]
    [InlineData("profile set --he")]
    public async Task Run_AskedForHelp_GivesItOnStdout(string words)
    {
        var run = await CliRun.Of(_home, words.Split(' ', StringSplitOptions.RemoveEmptyEntries));

        Assert.Equal((0, ""), (run.ExitCode, run.Error));
        Assert.Contains("Usage:", run.Output);
    }

    [Theory]
    [InlineData("workflow", "osmo workflow: error: ")]
    [InlineData("--version", "osmo: error: unrecognized arguments: --version")]
    [InlineData("workflow cancel", "osmo workflow cancel: error: ")]
    [InlineData("workflow query a b", "osmo workflow query: error: ")]
    [InlineData("workflow list -s running", "osmo workflow list: error: argument --status: invalid choice: 'running'")]
    [InlineData("workflow list -c 0", "osmo workflow list: error: argument --count: '0' is no whole number of at least 1")]
    [InlineData("workflow list -u a -a", "osmo workflow list: error: argument --all-users: not allowed with argument --user")]
    [InlineData("workflow list --submitted-after 2026-1-1", "osmo workflow list: error: argument --submitted-after: '2026-1-1' is no date")]
    [InlineData("workflow list --submitted-a 2026-01-02 --submitted-b 2026-01-01", "error: argument --submitted-after: must not")]
    [InlineData("workflow submit f --priority urgent", "osmo workflow submit: error: argument --priority: invalid choice: 'URGENT'")]
    [InlineData("pool list -t xml", "osmo pool list: error: argument --format-type: invalid choice: 'xml' (choose from json, text)")]
    [InlineData("profile set colour red", "osmo profile set: error: argument field: invalid choice: 'colour' (choose from")]
    [InlineData("workflow", "osmo workflow: error: a command is missing (choose from submit, ")]
    [InlineData("--log-level loud pool list", "osmo pool list: error: argument --log-level: 'loud' is none of CRITICAL")]
    public async Task Run_WrongWords_IsAUsageErrorOnStderr(string words, string message)
    {
        var run = await CliRun.Of(_home, words.Split(' '));

        Assert.Equal((2, ""), (run.ExitCode, run.Output));
        Assert.StartsWith("usage: osmo", run.Error);
        Assert.Contains(message, run.Error);
    }
}
