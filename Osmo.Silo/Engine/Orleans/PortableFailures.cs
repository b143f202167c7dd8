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
            throw MayPass(e) ? new OrleansException(e.Message) : new InvalidOperationException(e.Message);
        }
    }

    private static bool MayPass(Exception e) => e is OrleansException or StateStoreException { IsTransient: true };

    private static bool IsPortable(Exception e) =>
        KnownEverywhere.Any(prefix => e.GetType().Namespace is { } name && (name == prefix || name.StartsWith(prefix + '.', StringComparison.Ordinal)))
        && (e is AggregateException several ? several.InnerExceptions.All(IsPortable) : e.InnerException is null || IsPortable(e.InnerException));

    [LoggerMessage(1, LogLevel.Warning, "{Interface}.{Method} failed.")]
    private static partial void Replaced(ILogger logger, string @interface, string method, Exception error);
}
