using System.Collections.Immutable;
using Osmo.Protocol.Runtime;

namespace Osmo.Runtime.Arguments;

/// <summary>The command line of osmo_ctrl (contract: runtime-protocol §3.1).</summary>
/// <remarks>
/// <c>-logsPeriod</c> is accepted and not needed: this runtime sends as fast as the server takes lines. <c>-metadataFile</c> and
/// <c>-execTimeout</c> are accepted for callers that pass them.
/// </remarks>
internal sealed record CtrlArguments
{
    private static readonly string[] WithValue =
    [
        "socketPath", "inputPath", "outputPath", "metadataFile", "timeout", "dataTimeout", "workflow", "groupName", "retryId", "logSource",
        "host", "port", "scheme", "refreshToken", "refreshScheme", "barrier", "inputs", "outputs", "userConfig", "serviceConfig",
        "tokenHeader", "unixTimeout", "execTimeout", "logsPeriod", "logsBufferSize",
    ];

    public required string SocketPath { get; init; }

    public required string InputPath { get; init; }

    public required string OutputPath { get; init; }

    /// <summary>How long the logger may be out of reach.</summary>
    public required TimeSpan LoggerTimeout { get; init; }

    /// <summary>How long a transfer may make no progress.</summary>
    public required TimeSpan DataTimeout { get; init; }

    public required string Workflow { get; init; }

    public required string Group { get; init; }

    public required int RetryId { get; init; }

    public required string Task { get; init; }

    public required Uri LoggerAddress { get; init; }

    public required Uri RefreshAddress { get; init; }

    public required string RefreshTokenFile { get; init; }

    public required string TokenHeader { get; init; }

    /// <summary>Name of the barrier to pass before the command starts; null means none.</summary>
    public required string? Barrier { get; init; }

    public required ImmutableArray<InputSpec> Inputs { get; init; }

    public required ImmutableArray<OutputSpec> Outputs { get; init; }

    public required string UserConfigFile { get; init; }

    public required string ServiceConfigFile { get; init; }

    public required TimeSpan UnixTimeout { get; init; }

    public required int LogBufferLines { get; init; }

    /// <exception cref="FlagException">The command line is not osmo_ctrl's.</exception>
    /// <exception cref="TransferArgumentException">An input or output cannot be read.</exception>
    public static CtrlArguments Parse(IReadOnlyList<string> arguments)
    {
        var flags = Flags.Parse(arguments, WithValue, []);
        var (workflow, group, task) = (flags.Text("workflow", ""), flags.Text("groupName", ""), flags.Text("logSource", ""));
        var retryId = flags.Integer("retryId", 0);
        var barrier = flags.Text("barrier", "");
        return new CtrlArguments
        {
            SocketPath = flags.Text("socketPath", ""),
            InputPath = WithSlash(flags.Text("inputPath", "")),
            OutputPath = WithSlash(flags.Text("outputPath", "")),
            LoggerTimeout = flags.Minutes("timeout", 60),
            DataTimeout = flags.Minutes("dataTimeout", 10),
            Workflow = workflow,
            Group = group,
            RetryId = retryId,
            Task = task,
            LoggerAddress = Address(flags, flags.Text("scheme", "ws"), LoggerProtocol.Path(workflow, task, retryId)),
            RefreshAddress = Address(
                flags, flags.Text("refreshScheme", "http"), LoggerProtocol.RefreshTokenPath(workflow, group, task, retryId)),
            RefreshTokenFile = flags.Text("refreshToken", "/osmo/.refresh_token"),
            TokenHeader = flags.Text("tokenHeader", "Authorization"),
            Barrier = barrier.Length > 0 ? barrier : null,
            Inputs = [.. flags.All("inputs").Select(InputSpec.Parse)],
            Outputs = [.. flags.All("outputs").Select(OutputSpec.Parse)],
            UserConfigFile = flags.Text("userConfig", "/osmo/user_config.yaml"),
            ServiceConfigFile = flags.Text("serviceConfig", "/osmo/service_config.yaml"),
            UnixTimeout = flags.Minutes("unixTimeout", 120),
            LogBufferLines = int.Clamp(
                flags.Integer("logsBufferSize", LoggerProtocol.MaximumUnacknowledgedLines), 1, LoggerProtocol.MaximumUnacknowledgedLines),
        };
    }

    private static string WithSlash(string path) => path.Length == 0 || path.EndsWith('/') ? path : path + "/";

    private static Uri Address(Flags flags, string scheme, string path)
    {
        var (host, port) = (flags.Text("host", "localhost"), flags.Integer("port", 8000));
        return Uri.TryCreate($"{scheme}://{host}:{port}{path}", UriKind.Absolute, out var address)
            ? address
            : throw new FlagException($"'{scheme}://{host}:{port}' from -scheme or -refreshScheme, -host and -port is not an address.");
    }
}
