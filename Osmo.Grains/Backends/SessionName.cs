using System.Globalization;

namespace Osmo.Grains.Backends;

/// <summary>
/// The name of a worker's connection, of the form <c>worker/number</c> when the worker numbers its connections: it has one at a time, so a later one says that the earlier are gone,
/// whether or not their gateways live to say so.
/// </summary>
internal readonly record struct SessionName(string Worker, long Number)
{
    /// <summary>Whether the first name is of a later connection of the same worker.</summary>
    public static bool Supersedes(string session, string other) =>
        Parse(session) is { } later && Parse(other) is { } earlier && later.Worker == earlier.Worker && later.Number > earlier.Number;

    private static SessionName? Parse(string session) =>
        session.IndexOf('/', StringComparison.Ordinal) is > 0 and var slash
        && long.TryParse(session.AsSpan(slash + 1), NumberStyles.None, CultureInfo.InvariantCulture, out var number)
            ? new SessionName(session[..slash], number)
            : null;
}
