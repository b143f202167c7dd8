using Osmo.Runtime.Arguments;

namespace Osmo.Runtime.Tests;

public class ArgumentsTests
{
    [Fact]
    public void UserArguments_CommandsThenArgs_InOrder()
    {
        var parsed = UserArguments.Parse(["-commands", "bash", "-args", "-c", "--commands=-x", "-args=a=b", "-socketPath", "/s", "-enableRsync"]);

        Assert.Equal(["bash", "-x", "-c", "a=b"], parsed.Command.ToArray());
        Assert.Equal("/s", parsed.SocketPath);
        Assert.True(parsed.EnableRsync);
    }

    [Theory]
    [InlineData("argument 'x' is not a flag", "x")]
    [InlineData("flag provided but not defined: -nope", "-nope", "1")]
    [InlineData("flag needs an argument: -commands", "-commands")]
    [InlineData("bad flag syntax: ---x", "---x")]
    [InlineData("bad flag syntax: -=x", "-=x")]
    [InlineData("flag -commands is missing or empty")]
    [InlineData("invalid value \"soon\" for flag -unixTimeout", "-commands", "a", "-unixTimeout", "soon")]
    [InlineData("invalid boolean value \"maybe\" for -enableRsync", "-commands", "a", "-enableRsync=maybe")]
    public void UserArguments_Bad_SaysWhatIsAllowed(string error, params string[] arguments) =>
        Assert.Contains(error, Assert.Throws<FlagException>(() => UserArguments.Parse(arguments)).Message, StringComparison.Ordinal);

    [Fact]
    public void CtrlArguments_ControlPlanesCommandLine_AddressesAndDefaults()
    {
        var parsed = CtrlArguments.Parse(
        [
            "-socketPath", "/osmo/data/socket/data.sock", "-inputPath", "/osmo/data/input", "-outputPath", "/osmo/data/output/", "-metadataFile", "/m",
            "-timeout", "1440", "-dataTimeout", "10", "-workflow", "wf-1", "-groupName", "g 1", "-retryId", "2", "-logSource", "t", "-host", "osmo.example.com",
            "-port", "443", "-scheme", "wss", "-refreshToken", "/osmo/.refresh_token", "-refreshScheme", "https", "-barrier", "osmo-group-ready",
        ]);

        Assert.Equal("wss://osmo.example.com/api/logger/workflow/wf-1/osmo_ctrl/t/retry_id/2", parsed.LoggerAddress.ToString());
        Assert.Equal(443, parsed.LoggerAddress.Port);
        Assert.Equal(
            "https://osmo.example.com/api/auth/jwt/refresh_token?group_name=g%201&retry_id=2&task_name=t&workflow_id=wf-1", parsed.RefreshAddress.AbsoluteUri);
        Assert.Equal("/osmo/data/input/", parsed.InputPath);
        Assert.Equal("osmo-group-ready", parsed.Barrier);
        Assert.Equal(TimeSpan.FromDays(1), parsed.LoggerTimeout);
        Assert.Equal("Authorization", parsed.TokenHeader);
    }

    [Fact]
    public void InputSpec_RegexWithCommas_Kept()
    {
        Assert.Equal(new InputSpec(true, 0, "s3://b/p/wf/t", "a,b{1,2}"), InputSpec.Parse("task:0,s3://b/p/wf/t,a,b{1,2}"));
        Assert.Equal("t", InputSpec.Parse("task:0,s3://b/p/wf/t,").DisplayName);
        Assert.Equal("s3://b/p", InputSpec.Parse("url:3,s3://b/p").DisplayName);
    }

    [Fact]
    public void OutputSpec_Kinds_Parsed()
    {
        Assert.Equal(new OutputSpec.Task("s3://b/wf/t"), OutputSpec.Parse("task:s3://b/wf/t"));
        Assert.Equal(new OutputSpec.Kpi("s3://b/wf/t/m", "m/k.json"), OutputSpec.Parse("kpi:s3://b/wf/t/m,m/k.json"));
        Assert.Equal(new OutputSpec.Location("s3://b/p", "x{1,2}"), OutputSpec.Parse("url:s3://b/p,x{1,2}"));
    }

    [Theory]
    [InlineData("s3://b")]
    [InlineData("task:x,s3://b,")]
    [InlineData("url:0")]
    [InlineData(":")]
    public void InputSpec_Bad_NamesTheArgument(string argument) =>
        Assert.Contains($"'{argument}'", Assert.Throws<TransferArgumentException>(() => InputSpec.Parse(argument)).Message, StringComparison.Ordinal);
}
