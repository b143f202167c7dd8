using System.Buffers;
using System.Collections.Immutable;

namespace Osmo.Gateway.Runtimes;

/// <summary>Replaces secret values in texts by <c>[MASKED]</c> (contract: runtime-protocol §7.3).</summary>
internal sealed class SecretMask
{
    private const string Replacement = "[MASKED]";

    /// <summary>Shorter values would mask ordinary words.</summary>
    private const int SecretLengthMin = 8;

    private readonly ImmutableArray<string> _secrets;
    private readonly SearchValues<string>? _any;

    public SecretMask(ImmutableArray<string> secrets)
    {
        // Longest first, so that a secret that holds another is masked whole.
        _secrets = [.. secrets.Where(secret => secret.Length >= SecretLengthMin).Distinct().OrderByDescending(secret => secret.Length)];
        _any = _secrets.IsEmpty ? null : SearchValues.Create([.. _secrets], StringComparison.Ordinal);
    }

    public string Apply(string text)
    {
        if (_any is null || !text.AsSpan().ContainsAny(_any))
        {
            return text;
        }

        foreach (var secret in _secrets)
        {
            text = text.Replace(secret, Replacement, StringComparison.Ordinal);
        }

        return text;
    }
}
