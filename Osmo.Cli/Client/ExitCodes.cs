namespace Osmo.Cli.Client;

/// <summary>Exit codes of <c>osmo</c> (contract: cli §7).</summary>
public static class ExitCodes
{
    public const int Success = 0;

    /// <summary>A specification or its submission was refused.</summary>
    public const int Submission = 1;

    /// <summary>Any other fault of the user.</summary>
    public const int User = 2;

    /// <summary>The user pressed Ctrl-C.</summary>
    public const int Interrupted = 3;

    /// <summary>The service failed or could not be reached.</summary>
    public const int ServerError = 10;

    /// <summary>Too many requests; try again later.</summary>
    public const int TryAgain = 75;
}
