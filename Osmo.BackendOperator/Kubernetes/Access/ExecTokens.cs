using System.Collections.Immutable;
using System.ComponentModel;
using System.Diagnostics;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization;

namespace Osmo.BackendOperator.Kubernetes.Access;

/// <summary>A program that prints a token as an <c>ExecCredential</c>, as a kubeconfig's <c>exec</c> names it.</summary>
internal sealed record ExecCommand(
    string ApiVersion,
    string Program,
    ImmutableArray<string> Arguments,
    ImmutableDictionary<string, string> Environment,
    string Directory);

/// <summary>Tokens of an exec plugin, kept until shortly before they end.</summary>
internal sealed class ExecTokens(ExecCommand command, TimeProvider time) : BearerTokens, IDisposable
{
    private const int OutputCharactersMax = 1 << 20;

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    /// <summary>A token this close to its end is not begun with.</summary>
    private static readonly TimeSpan Margin = TimeSpan.FromSeconds(30);

    private readonly SemaphoreSlim _turn = new(1);
    private ExecCredentialStatus? _known;

    public override async ValueTask<string> GetAsync(CancellationToken cancellation)
    {
        await _turn.WaitAsync(cancellation);
        try
        {
            if (_known is not { } known || known.ExpirationTimestamp - Margin <= time.GetUtcNow())
            {
                _known = known = await AskAsync(cancellation);
            }

            return known.Token!;
        }
        finally
        {
            _turn.Release();
        }
    }

    public override bool Refused()
    {
        _known = null;
        return true;
    }

    public void Dispose() => _turn.Dispose();

    private async Task<ExecCredentialStatus> AskAsync(CancellationToken cancellation)
    {
        using var timeout = new CancellationTokenSource(Patience, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(timeout.Token, cancellation);
        var output = await RunAsync(either.Token);
        try
        {
            var status = JsonSerializer.Deserialize(output, ExecJson.Default.ExecCredential)?.Status;
            return status switch
            {
                { Token.Length: > 0 } => status,
                { ClientCertificateData: not null } => throw new ClusterAccessException($"{command.Program} answers with a client certificate; only tokens are supported."),
                _ => throw new ClusterAccessException($"{command.Program} printed no status.token."),
            };
        }
        catch (JsonException e)
        {
            throw new ClusterAccessException($"{command.Program} printed no ExecCredential: {e.Message}", e);
        }
    }

    private async Task<string> RunAsync(CancellationToken cancellation)
    {
        using var process = Start();
        try
        {
            var error = process.StandardError.ReadToEndAsync(cancellation);
            var buffer = new char[OutputCharactersMax];
            var length = await process.StandardOutput.ReadBlockAsync(buffer, cancellation);
            await process.WaitForExitAsync(cancellation);
            return process.ExitCode == 0
                ? new string(buffer, 0, length)
                : throw new ClusterAccessException($"{command.Program} ended with exit code {process.ExitCode}: {(await error).Trim()}");
        }
        catch (OperationCanceledException)
        {
            process.Kill(entireProcessTree: true);
            throw;
        }
    }

    private Process Start()
    {
        var start = new ProcessStartInfo(command.Program, command.Arguments)
        {
            WorkingDirectory = command.Directory,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        foreach (var (name, value) in command.Environment)
        {
            start.Environment[name] = value;
        }

        start.Environment["KUBERNETES_EXEC_INFO"] = new JsonObject
        {
            ["apiVersion"] = command.ApiVersion, ["kind"] = "ExecCredential", ["spec"] = new JsonObject { ["interactive"] = false },
        }.ToJsonString();
        try
        {
            return Process.Start(start)!;
        }
        catch (Win32Exception e)
        {
            throw new ClusterAccessException($"The kubeconfig's exec program {command.Program} cannot be started: {e.Message}", e);
        }
    }
}

internal sealed record ExecCredential(ExecCredentialStatus? Status);

internal sealed record ExecCredentialStatus(string? Token, DateTimeOffset? ExpirationTimestamp, string? ClientCertificateData);

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase)]
[JsonSerializable(typeof(ExecCredential))]
internal sealed partial class ExecJson : JsonSerializerContext;
