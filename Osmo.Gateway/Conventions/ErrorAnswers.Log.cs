namespace Osmo.Gateway.Conventions;

internal sealed partial class ErrorAnswers
{
    [LoggerMessage(1001, LogLevel.Error, "{Method} {Path} failed")]
    private partial void LogFailed(Exception exception, string method, string path);
}
