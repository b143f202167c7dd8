namespace Osmo.Gateway.Meta;

internal sealed partial class ConfigurationCache
{
    [LoggerMessage(1101, LogLevel.Warning, "The configuration could not be read; version {Version} goes on serving")]
    private partial void LogKept(Exception exception, long version);
}
