using Microsoft.Extensions.Logging;

namespace Osmo.Storage;

internal static partial class StorageLog
{
    [LoggerMessage(1, LogLevel.Information, "Schema step {Number:D4}_{Name} applied")]
    public static partial void MigrationApplied(ILogger logger, int number, string name);

    [LoggerMessage(2, LogLevel.Warning, "A batch of {Writes} writes failed")]
    public static partial void BatchFailed(ILogger logger, int writes, Exception error);

    [LoggerMessage(3, LogLevel.Warning, "The database does not promise that a commit survives a crash: {Setting} is {Value}")]
    public static partial void NotDurable(ILogger logger, string setting, string value);

    [LoggerMessage(4, LogLevel.Error, "A failed batch could not be rolled back")]
    public static partial void RollbackFailed(ILogger logger, Exception error);
}
