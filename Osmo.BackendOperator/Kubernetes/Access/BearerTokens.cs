namespace Osmo.BackendOperator.Kubernetes.Access;

/// <summary>A source of bearer tokens, asked before every request.</summary>
public abstract class BearerTokens
{
    /// <exception cref="ClusterAccessException">There is no token to be had.</exception>
    public abstract ValueTask<string> GetAsync(CancellationToken cancellation);

    /// <summary>The server did not take the last token: what was remembered of it is forgotten.</summary>
    /// <returns>Whether the next one may be another.</returns>
    public virtual bool Refused() => false;
}

/// <summary>A token that stays the same.</summary>
internal sealed class FixedToken(string token) : BearerTokens
{
    public override ValueTask<string> GetAsync(CancellationToken cancellation) => ValueTask.FromResult(token);
}

/// <summary>A token in a file that somebody keeps current, as the kubelet does with those of service accounts.</summary>
internal sealed class TokenFile(string path, TimeProvider time) : BearerTokens
{
    /// <summary>Files are replaced long before their tokens end, so one need not be read for every request.</summary>
    internal static readonly TimeSpan RereadPeriod = TimeSpan.FromSeconds(30);

    private (string Token, long ReadAt)? _known;

    public override async ValueTask<string> GetAsync(CancellationToken cancellation)
    {
        if (_known is var (token, readAt) && time.GetElapsedTime(readAt) < RereadPeriod)
        {
            return token;
        }

        try
        {
            token = (await File.ReadAllTextAsync(path, cancellation)).Trim();
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new ClusterAccessException($"The token file {path} cannot be read: {e.Message}", e);
        }

        if (token.Length == 0)
        {
            throw new ClusterAccessException($"The token file {path} is empty.");
        }

        _known = (token, time.GetTimestamp());
        return token;
    }

    public override bool Refused()
    {
        _known = null;
        return true;
    }
}
