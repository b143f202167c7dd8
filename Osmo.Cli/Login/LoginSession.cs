using Osmo.Cli.Client;

namespace Osmo.Cli.Login;

/// <summary>The login in use: says who the client is before every request, and keeps the ID token fresh.</summary>
internal sealed class LoginSession(LoginState state, LoginFile file, TokenService tokens, TimeProvider time, bool sendsUserWithToken)
{
    /// <summary>A token is renewed when it has less left than this.</summary>
    public static readonly TimeSpan RenewalMargin = TimeSpan.FromSeconds(3);

    private LoginState _state = state;

    /// <exception cref="OsmoClientException">The login has expired and cannot be renewed.</exception>
    public async ValueTask<ClientIdentity?> Identify(CancellationToken cancellation)
    {
        switch (_state.Identity)
        {
            case Credentials.Development development:
                return new ClientIdentity.Development(development.User);
            case Credentials.Token token:
                if (IdToken.Parse(token.IdToken)?.Expires is { } expires && expires - RenewalMargin < time.GetUtcNow())
                {
                    token = await tokens.Renew(token, cancellation);
                    _state = _state with { Identity = token };
                    file.Write(_state);
                }

                return new ClientIdentity.Bearer(token.IdToken) { User = sendsUserWithToken ? token.User : null };
            default:
                throw new InvalidOperationException($"Unknown login {_state.Identity}.");
        }
    }
}
