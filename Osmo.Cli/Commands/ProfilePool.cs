using System.Text.Json.Nodes;
using Osmo.Cli.Client;
using Osmo.Cli.Output;

namespace Osmo.Cli.Commands;

/// <summary>The pool that is meant when none is named (contract: cli §12 step 1).</summary>
internal static class ProfilePool
{
    /// <summary>The pool of the caller's profile; null when none is set.</summary>
    public static async Task<string?> Find(OsmoClient service, CancellationToken cancellation)
    {
        var settings = await service.Get("api/profile/settings", QueryString.Empty, cancellation);
        return settings?["profile"].Text("pool");
    }

    /// <summary>The pool of the caller's profile, or the only pool there is.</summary>
    /// <exception cref="CommandException">There is no way to tell.</exception>
    public static async Task<string> Get(OsmoClient service, CancellationToken cancellation)
    {
        if (await Find(service, cancellation) is { } pool)
        {
            return pool;
        }

        var pools = (await service.Get("api/pool", QueryString.Empty, cancellation))?["pools"] as JsonObject;
        return pools is { Count: 1 }
            ? pools.First().Key
            : throw new CommandException(
                "No default pool set. Set a default pool using \"osmo profile set pool <pool_name>\" "
                + "or specify a pool using --pool or -p.");
    }
}
