using System.Buffers.Text;
using System.Text;
using Microsoft.AspNetCore.Http;
using Osmo.Cli.Client;

namespace Osmo.Cli.Tests.Login;

public sealed class LoginTests : IDisposable
{
    private readonly TemporaryDirectory _home = new();

    public void Dispose() => _home.Dispose();

    [Fact]
    public async Task Login_ByName_WritesWhatOtherClientsRead()
    {
        var run = await CliRun.Of(_home, ["login", "http://osmo.example.com/", "--method=dev", "--username=demo"]);

        Assert.Equal((0, "Logging in to http://osmo.example.com\nSuccessfully logged in. Welcome demo.\n"), (run.ExitCode, run.Output));
        Assert.Equal(
            "dev_login:\n  username: demo\nname: demo\nosmo_token: false\ntoken_login: null\nurl: http://osmo.example.com\n", Saved());
        if (!OperatingSystem.IsWindows())
        {
            Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(Path.Combine(_home.Path, "login.yaml")));
        }
    }

    [Fact]
    public async Task Login_AgainWithoutUrl_UsesTheLastOne()
    {
        await CliRun.Of(_home, ["login", "http://osmo.example.com", "--method", "dev", "--username", "one"]);

        var run = await CliRun.Of(_home, ["login", "--method", "dev", "--username", "two"]);

        Assert.Contains("Logging in to http://osmo.example.com\n", run.Output);
        Assert.Contains("username: two", Saved());
    }

    [Fact]
    public async Task Login_ByToken_ExchangesItAndRemembersBoth()
    {
        var idToken = Token(expires: 4102444800);
        await using var service = await ScriptedService.Start(200, $$"""{"token": "{{idToken}}"}""");

        var run = await CliRun.Of(
            _home, ["login", service.Url.ToString(), "--method", "token", "--token-file", _home.Write("token", " secret\n")]);

        Assert.Equal(0, run.ExitCode);
        Assert.Equal(["POST /api/auth/jwt/access_token"], service.Requests);
        var url = service.Url.ToString().TrimEnd('/');
        Assert.Equal(
            $"dev_login: null\nname: ''\nosmo_token: true\n"
            + $"token_login:\n  client_id: null\n  id_token: {idToken}\n  refresh_token: secret\n"
            + $"  refresh_url: {url}/api/auth/jwt/access_token\n  username: null\nurl: {url}\n",
            Saved());
    }

    [Fact]
    public async Task Login_TokenIsRefused_KeepsTheOldLogin()
    {
        await using var service =
            await ScriptedService.Start(400, """{"message": "Invalid token", "error_code": "USER", "workflow_id": null}""");

        var run = await CliRun.Of(_home, ["login", service.Url.ToString(), "--method", "token", "--token", "wrong"]);

        Assert.Equal(ExitCodes.User, run.ExitCode);
        Assert.EndsWith("Error message: Invalid token\nError code: 400\n", run.Output);
        Assert.False(File.Exists(Path.Combine(_home.Path, "login.yaml")));
    }

    [Theory]
    [InlineData("login --method dev --username a", "No url provided and no previous login found. Please provide a url: osmo login <url>")]
    [InlineData("login osmo.example.com --method dev --username a", "Bad url osmo.example.com:")]
    [InlineData("login http://a --method dev", "Must provide username")]
    [InlineData("login http://a --method token", "Must provide token file with --token-file or --token")]
    [InlineData("login http://a", "This client cannot log in by pkce.")]
    [InlineData("login http://a --method code", "This client cannot log in by code.")]
    [InlineData("workflow list", "Must login first with \"login\" command")]
    public async Task Run_WithoutWhatALoginNeeds_IsRefused(string words, string message)
    {
        var run = await CliRun.Of(_home, words.Split(' '));

        Assert.Equal(ExitCodes.User, run.ExitCode);
        Assert.Contains($"Error message: {message}", run.Output);
    }

    [Theory]
    [InlineData("url: http://a\nname: x\n")]
    [InlineData("url: http://a\ndev_login: {username: a}\ntoken_login: {id_token: b, refresh_url: c}\n")]
    [InlineData("url: [\n")]
    public async Task Run_WithABrokenLoginFile_NamesTheFile_AndLoginRepairsIt(string file)
    {
        var path = _home.Write("login.yaml", file);

        var broken = await CliRun.Of(_home, ["pool", "list"]);
        var login = await CliRun.Of(_home, ["login", "http://a", "--method", "dev", "--username", "demo"]);

        Assert.Equal((1, 0), (broken.ExitCode, login.ExitCode));
        Assert.Contains(path, broken.Output);
    }

    [Fact]
    public async Task Run_TokenAboutToExpire_IsRenewedFirstAndSaved()
    {
        var fresh = Token(expires: 4102444800);
        string? sent = null;
        await using var service = await ScriptedService.Start(context =>
        {
            sent = context.Request.Headers.Authorization;
            return context.Response.WriteAsync(context.Request.Method == "POST" ? $$"""{"token": "{{fresh}}"}""" : """{"tags": []}""");
        });
        WriteExpired(service.Url);

        var run = await CliRun.Of(_home, ["workflow", "tag"]);

        Assert.Equal(0, run.ExitCode);
        Assert.Equal(["POST /refresh", "GET /api/tag"], service.Requests);
        Assert.Equal($"Bearer {fresh}", sent);
        Assert.Contains(fresh, Saved());
    }

    [Fact]
    public async Task Run_LoginCannotBeRenewed_SaysHowToGoOn()
    {
        await using var service = await ScriptedService.Start(401, "expired");
        WriteExpired(service.Url);

        var run = await CliRun.Of(_home, ["workflow", "tag"]);

        Assert.Equal(ExitCodes.User, run.ExitCode);
        Assert.Contains("Log in again with \"osmo login\"", run.Output);
    }

    [Fact]
    public async Task Logout_Always_ForgetsTheLogin()
    {
        _home.Write("login.yaml", CliRun.LoginAt(new Uri("http://a")));

        var first = await CliRun.Of(_home, ["logout"]);
        var second = await CliRun.Of(_home, ["logout"]);

        Assert.Equal("Successfully logged out.\n", first.Output);
        Assert.Equal(first, second);
        Assert.Empty(Directory.GetFiles(_home.Path));
    }

    [Fact]
    public async Task Version_WithoutLogin_IsThatOfTheClient()
    {
        var run = await CliRun.Of(_home, ["version"]);

        Assert.Equal((0, "OSMO client version:  6.4.0\n"), (run.ExitCode, run.Output));
    }

    /// <summary>A login whose ID token must be renewed; with a key that this client does not know.</summary>
    private void WriteExpired(Uri service)
    {
        var token = $"{{id_token: {Token(expires: 1)}, refresh_token: secret, refresh_url: '{service}refresh'}}";
        _home.Write("login.yaml", $"url: {service}\nosmo_token: true\nunknown: ignored\ntoken_login: {token}\n");
    }

    private static string Token(long expires) =>
        $"e30.{Base64Url.EncodeToString(Encoding.UTF8.GetBytes($$"""{"exp":{{expires}}}"""))}.c2ln";

    private string Saved() => File.ReadAllText(Path.Combine(_home.Path, "login.yaml"));
}
