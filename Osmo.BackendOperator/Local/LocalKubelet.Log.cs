using Microsoft.Extensions.Logging;

namespace Osmo.BackendOperator.Local;

internal sealed partial class LocalKubelet
{
    [LoggerMessage(1, LogLevel.Error, "Pod {Pod}: its files cannot be handled; trying again")]
    private static partial void LogAgentFailed(ILogger logger, Exception exception, string pod);

    [LoggerMessage(2, LogLevel.Information, "Removing {Path}, which belongs to no pod")]
    private static partial void LogOrphan(ILogger logger, string path);

    [LoggerMessage(3, LogLevel.Warning, "{Path} belongs to no pod and cannot be removed")]
    private static partial void LogOrphanStays(ILogger logger, Exception exception, string path);

    [LoggerMessage(4, LogLevel.Error, "A change of a {Kind} cannot be handled; listing again in {Pause}")]
    private static partial void LogChangeNotHandled(ILogger logger, Exception exception, string kind, TimeSpan pause);

    [LoggerMessage(5, LogLevel.Critical, "Changes of {Kind} objects are no longer noticed: restart the local cluster")]
    private static partial void LogWatchEnded(ILogger logger, Exception exception, string kind);

    [LoggerMessage(6, LogLevel.Error, "Pod {Pod} cannot be run and fails")]
    private static partial void LogPodFails(ILogger logger, Exception exception, string pod);
}
