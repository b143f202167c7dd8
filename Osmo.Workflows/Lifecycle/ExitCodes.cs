namespace Osmo.Workflows.Lifecycle;

/// <summary>Exit codes that the control plane gives or acts upon (contract: lifecycle §9).</summary>
public static class ExitCodes
{
    public const int PreflightFailed = 1001;
    public const int Upstream = 3000;
    public const int BackendError = 3001;
    public const int ServerError = 3002;
    public const int StartTimeout = 3005;
}
