using System.CommandLine;
using Osmo.Cli.Arguments;
using Osmo.Cli.Client;
using Osmo.Cli.Login;

namespace Osmo.Cli.Commands.Session;

/// <summary><c>osmo login</c> by name or by personal access token (contract: cli §10, auth §3).</summary>
internal sealed class LoginCommand : Command
{
    private const string TokenRoute = "/api/auth/jwt/access_token";

    private readonly Surroundings _surroundings;
    private readonly LoginFile _file;

    private readonly Argument<string?> _url = new("url")
    {
        Arity = ArgumentArity.ZeroOrOne,
        Description = "The url of the osmo server to connect to. If not provided, uses the last used url.",
    };

    private readonly Option<string?> _method = Choices.OneOf("--method", null,
        "token: Exchange an OSMO access token for a login token. dev: By name, for a service in development mode. "
        + "This client does not log in by browser (pkce, code) or password.",
        "pkce", "code", "password", "token", "dev");

    private readonly Option<string?> _user = new("--username") { Description = "Username for --method dev." };

    private readonly Option<string?> _token = new("--token") { Description = "OSMO access token if logging in with a token." };

    private readonly Option<string?> _tokenFile = new("--token-file") { Description = "File containing an OSMO access token." };

    public LoginCommand(Surroundings surroundings)
        : base("login", "Log in to a service by name or access token.")
    {
        _surroundings = surroundings;
        _file = new LoginFile(surroundings.ConfigDirectory);
        Add(_url);
        Add(_method);
        Add(_user);
        Add(_token);
        Add(_tokenFile);
        this.Exclude(_token, _tokenFile);
        SetAction(Run);
    }

    private async Task<int> Run(ParseResult arguments, CancellationToken cancellation)
    {
        var method = arguments.GetValue(_method) ?? "pkce";
        if (method is not ("token" or "dev"))
        {
            throw new CommandException(
                $"This client cannot log in by {method}. Use --method token --token-file <file>, or --method dev --username <name>.");
        }

        var url = Url(arguments.GetValue(_url));
        _surroundings.Output.Write($"Logging in to {url}\n");
        var state = method == "dev" ? ByName(arguments, url) : await ByToken(arguments, url, cancellation);
        _file.Write(state);
        _surroundings.Output.Write(
            state.Name.Length > 0 ? $"Successfully logged in. Welcome {state.Name}.\n" : "Successfully logged in.\n");
        return ExitCodes.Success;
    }

    private string Url(string? given)
    {
        var url = given ?? _file.Read()?.Url
            ?? throw new CommandException("No url provided and no previous login found. Please provide a url: osmo login <url>");
        return Uri.TryCreate(url, UriKind.Absolute, out var parsed) && parsed.Scheme is "http" or "https" && parsed.Host.Length > 0
            ? url.TrimEnd('/')
            : throw new CommandException(
                $"Bad url {url}: it must be absolute and start with http:// or https://, such as https://osmo.example.com");
    }

    private LoginState ByName(ParseResult arguments, string url)
    {
        var user = arguments.GetValue(_user) is { Length: > 0 } given ? given : throw new CommandException("Must provide username");
        return new LoginState { Url = url, Name = user, Identity = new Credentials.Development(user) };
    }

    private async Task<LoginState> ByToken(ParseResult arguments, string url, CancellationToken cancellation)
    {
        var accessToken = await AccessToken(arguments, cancellation);
        var refreshUrl = url + TokenRoute;
        var idToken = await new TokenService(_surroundings.Http, _surroundings.Time).Exchange(refreshUrl, accessToken, cancellation);
        var claims = IdToken.Parse(idToken)
            ?? throw new CommandException($"The service at {url} answered with a login token that is none.", ExitCodes.ServerError);
        return new LoginState
        {
            Url = url,
            Name = claims.Name,
            Identity =
                new Credentials.Token { IdToken = idToken, RefreshToken = accessToken, RefreshUrl = refreshUrl, IsIssuedByService = true },
        };
    }

    private async Task<string> AccessToken(ParseResult arguments, CancellationToken cancellation)
    {
        if (arguments.GetValue(_tokenFile) is not { } file)
        {
            return arguments.GetValue(_token) ?? throw new CommandException("Must provide token file with --token-file or --token");
        }

        try
        {
            return (await File.ReadAllTextAsync(file, cancellation)).Trim();
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw new CommandException($"The token file {file} cannot be read: {error.Message}", ExitCodes.User, error);
        }
    }
}
