using System.Security.Cryptography;
using Microsoft.IdentityModel.JsonWebTokens;
using Microsoft.IdentityModel.Tokens;
using Osmo.Gateway.Conventions;
using Osmo.Grains.Interfaces;
using Osmo.Workflows.Configuration;

namespace Osmo.Gateway.Identity;

/// <summary>A signed token and when it ends, Unix seconds.</summary>
public sealed record IssuedToken(string Token, long ExpiresAt);

/// <summary>
/// Issues and checks the tokens of tasks: RS256, 300 s, signed with the deployment's key (contract: auth §5, runtime-protocol §6).
/// </summary>
internal sealed class TaskTokens(IGrainFactory grains, TimeProvider time) : IDisposable
{
    public const string WorkflowClaim = "osmo_workflow_id";

    private static readonly TimeSpan Lifetime = TimeSpan.FromSeconds(300);

    /// <summary>How far the clocks of two gateways may be apart.</summary>
    private static readonly TimeSpan ClockSkew = TimeSpan.FromSeconds(30);

    private static readonly JsonWebTokenHandler Handler = new() { SetDefaultTimesOnTokenCreation = false };

    private readonly SemaphoreSlim _loading = new(1);
    private RsaSecurityKey? _key;

    public async Task<IssuedToken> Issue(AuthenticationConfig settings, string user, string workflowId, CancellationToken cancellation)
    {
        var key = await Key(cancellation);
        var now = time.GetUtcNow();
        var expires = now + Lifetime;
        var token = Handler.CreateToken(new SecurityTokenDescriptor
        {
            Issuer = settings.Issuer,
            Audience = settings.Audience,
            IssuedAt = now.UtcDateTime,
            NotBefore = now.UtcDateTime,
            Expires = expires.UtcDateTime,
            Claims = new Dictionary<string, object>
            {
                ["unique_name"] = user,
                ["roles"] = settings.CtrlRoles.ToArray(),
                [WorkflowClaim] = workflowId,
            },
            SigningCredentials = new SigningCredentials(key, SecurityAlgorithms.RsaSha256),
        });
        return new(token, expires.ToUnixTimeSeconds());
    }

    /// <summary>The workflow id that a valid token names; null when it is none of ours, expired, or names no workflow.</summary>
    public async Task<string?> WorkflowOf(AuthenticationConfig settings, string token, CancellationToken cancellation)
    {
        var key = await Key(cancellation);
        var result = await Handler.ValidateTokenAsync(token, new TokenValidationParameters
        {
            ValidIssuer = settings.Issuer,
            ValidAudience = settings.Audience,
            IssuerSigningKey = key,
            ValidAlgorithms = [SecurityAlgorithms.RsaSha256],
            ClockSkew = ClockSkew,
            LifetimeValidator = (from, until, _, parameters) => IsAlive(from, until, parameters.ClockSkew),
        });
        return result.IsValid && result.Claims.TryGetValue(WorkflowClaim, out var workflow) ? workflow as string : null;
    }

    /// <summary>The public key as clients read it.</summary>
    public async Task<PublicKeyAnswer> PublicKey(CancellationToken cancellation)
    {
        var key = await Key(cancellation);
        var parameters = key.Rsa.ExportParameters(includePrivateParameters: false);
        return new("RSA", key.KeyId, Base64UrlEncoder.Encode(parameters.Modulus), Base64UrlEncoder.Encode(parameters.Exponent));
    }

    public void Dispose()
    {
        _key?.Rsa.Dispose();
        _loading.Dispose();
    }

    private bool IsAlive(DateTime? from, DateTime? until, TimeSpan skew)
    {
        var now = time.GetUtcNow().UtcDateTime;
        return until is not null && now <= until + skew && (from is null || from - skew <= now);
    }

    private async Task<RsaSecurityKey> Key(CancellationToken cancellation) =>
        Volatile.Read(ref _key) ?? await Transient.Retry(() => Load(cancellation), cancellation);

    private async Task<RsaSecurityKey> Load(CancellationToken cancellation)
    {
        await _loading.WaitAsync(cancellation);
        try
        {
            return _key ??= Import(await grains.GetGrain<IServiceKeysGrain>(IServiceKeysGrain.Key).Get());
        }
        finally
        {
            _loading.Release();
        }
    }

    private static RsaSecurityKey Import(ServiceKeys keys)
    {
        var rsa = RSA.Create();
        rsa.ImportPkcs8PrivateKey(keys.SigningKey.Span, out _);
        var key = new RsaSecurityKey(rsa);
        key.KeyId = Base64UrlEncoder.Encode(key.ComputeJwkThumbprint());
        return key;
    }
}

/// <summary>A public JWK (contract: auth §5).</summary>
public sealed record PublicKeyAnswer(string Kty, string Kid, string N, string E);
