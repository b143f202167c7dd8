namespace Osmo.Runtime.Ctrl;

/// <summary>Why ctrl gave up; reported as 2000 + code (contract: runtime-protocol §22).</summary>
internal enum CtrlExitCode
{
    /// <summary>SIGTERM or SIGINT.</summary>
    Terminated = 1,

    /// <summary>The command line is not ctrl's.</summary>
    Usage = 2,
    Download = 10,
    Upload = 12,
    DataCheck = 13,
    DataUnauthorized = 14,
    Token = 20,
    LoggerTimeout = 21,
    UnixSocket = 23,
    InvalidInput = 30,
    DataCommand = 31,
    File = 32,
    Other = 40,
}

/// <summary>Ends ctrl with a code and a reason for people.</summary>
internal sealed class CtrlFailure(CtrlExitCode code, string message, Exception? inner = null) : Exception(message, inner)
{
    public CtrlExitCode Code { get; } = code;
}
