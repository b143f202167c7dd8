using Osmo.Cli.Client;
using Osmo.Workflows.Yaml;

namespace Osmo.Cli.Login;

/// <summary>
/// <c>login.yaml</c>, shared with other clients of the service: same keys, nulls written, unknown keys ignored, readable by its
/// owner only (contract: cli §3).
/// </summary>
internal sealed class LoginFile(string directory)
{
    private readonly string _path = Path.Combine(directory, "login.yaml");

    /// <summary>Null when nobody is logged in.</summary>
    /// <exception cref="CommandException">The file is there, but does not say who is logged in.</exception>
    public LoginState? Read()
    {
        if (!File.Exists(_path))
        {
            return null;
        }

        return YamlReader.Read(Reach(() => File.ReadAllText(_path))) switch
        {
            YamlReadResult.Read { Root: YamlValue.Map map } => State(map),
            YamlReadResult.Failed failed => throw Broken($"{failed.Position}: {failed.Message}"),
            _ => null,
        };
    }

    /// <summary>Replaces the file whole, so that a reader never sees half of it.</summary>
    /// <exception cref="CommandException">The directory cannot be written to.</exception>
    public void Write(LoginState state) => Reach(() =>
    {
        Directory.CreateDirectory(directory);
        var fresh = $"{_path}.{Guid.NewGuid():n}";
        var options = new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.Write };
        if (!OperatingSystem.IsWindows())
        {
            options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        }

        using (var writer = new StreamWriter(fresh, options))
        {
            writer.Write(YamlWriter.Write(Document(state)));
        }

        File.Move(fresh, _path, overwrite: true);
        return true;
    });

    /// <summary>Removes the file, if there is one.</summary>
    /// <exception cref="CommandException">It cannot be removed.</exception>
    public void Delete() => Reach(() =>
    {
        if (File.Exists(_path))
        {
            File.Delete(_path);
        }

        return true;
    });

    private T Reach<T>(Func<T> access)
    {
        try
        {
            return access();
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw new CommandException($"{_path} cannot be used: {error.Message}", ExitCodes.Submission, error);
        }
    }

    private static YamlValue.Map Document(LoginState state)
    {
        var (development, token) = (state.Identity as Credentials.Development, state.Identity as Credentials.Token);
        return YamlValue.Map.Empty
            .With("url", new YamlValue.Text(state.Url))
            .With("name", new YamlValue.Text(state.Name))
            .With("osmo_token", new YamlValue.Bool(token?.IsIssuedByService ?? false))
            .With("dev_login", development is null ? new YamlValue.Null() : YamlValue.Map.Empty.With("username", Text(development.User)))
            .With("token_login", token is null ? new YamlValue.Null() : YamlValue.Map.Empty
                .With("client_id", Text(token.ClientId))
                .With("id_token", Text(token.IdToken))
                .With("refresh_token", Text(token.RefreshToken))
                .With("refresh_url", Text(token.RefreshUrl))
                .With("username", Text(token.User)));
    }

    private LoginState State(YamlValue.Map map) => new()
    {
        Url = (TextOf(map, "url") ?? throw Broken("'url' is missing")).TrimEnd('/'),
        Name = TextOf(map, "name") ?? "",
        Identity = (map.Find("dev_login"), map.Find("token_login")) switch
        {
            (YamlValue.Map development, null or YamlValue.Null) =>
                new Credentials.Development(TextOf(development, "username") ?? throw Broken("'dev_login.username' is missing")),
            (null or YamlValue.Null, YamlValue.Map token) => Token(token, map.Find("osmo_token") is YamlValue.Bool { Value: true }),
            _ => throw Broken("exactly one of 'dev_login' and 'token_login' must be there"),
        },
    };

    private Credentials.Token Token(YamlValue.Map token, bool isIssuedByService) => new()
    {
        IdToken = TextOf(token, "id_token") ?? throw Broken("'token_login.id_token' is missing"),
        RefreshToken = TextOf(token, "refresh_token"),
        RefreshUrl = TextOf(token, "refresh_url") ?? throw Broken("'token_login.refresh_url' is missing"),
        ClientId = TextOf(token, "client_id"),
        User = TextOf(token, "username"),
        IsIssuedByService = isIssuedByService,
    };

    private static string? TextOf(YamlValue.Map map, string key) => map.Find(key) is { } value ? PythonText.OfScalar(value) : null;

    private static YamlValue Text(string? text) => text is null ? new YamlValue.Null() : new YamlValue.Text(text);

    private CommandException Broken(string fault) =>
        new($"{_path} cannot be used: {fault.TrimEnd('.')}. Log in again with \"osmo login <url>\", or remove the file.", ExitCodes.Submission);
}
