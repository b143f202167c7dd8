using Microsoft.Extensions.Logging;
using Orleans.Runtime;
using Osmo.Storage.State;

namespace Osmo.Silo.Engine;

/// <summary>
/// A caller in another process gets an exception only if both processes have a codec for it and for its inner ones; otherwise it gets one about the codec, and cannot
/// tell what may be tried again. So what leaves a silo is made of what every .NET and Orleans process knows; the rest is in the log.
/// </summary>
internal sealed partial class PortableFailures(ILogger<PortableFailures> logger) : IIncomingGrainCallFilter
{
    private static readonly string[] KnownEverywhere = ["System", "Microsoft", "Orleans"];

    public async Task Invoke(IIncomingGrainCallContext context)
    {
        try
        {
            await context.Invoke();
        }
        catch (Exception e) when (!IsPortable(e))
        {
            Replaced(logger, context.InterfaceName, context.MethodName, e);
            throw Portable(e);
        }
    }

    /// <summary>Without anything that the database said: a gateway could not tell it from texts that are for clients.</summary>
    private static Exception Portable(Exception e) => (StorageFailures.Find(e), e) switch
    {
        (StateStoreException { IsTransient: true }, _) => new OrleansException(StorageFailures.Busy),
        (not null, _) => StorageFailures.Portable(),
        (null, OrleansException) => new OrleansException(e.Message),
        (null, _) => new InvalidOperationException(e.Message),
    };

    private static bool IsPortable(Exception e) =>
        KnownEverywhere.Any(prefix => e.GetType().Namespace is { } name && (name == prefix || name.StartsWith(prefix + '.', StringComparison.Ordinal)))
        && (e is AggregateException several ? several.InnerExceptions.All(IsPortable) : e.InnerException is null || IsPortable(e.InnerException));

    [LoggerMessage(1, LogLevel.Warning, "{Interface}.{Method} failed.")]
    private static partial void Replaced(ILogger logger, string @interface, string method, Exception error);
}
