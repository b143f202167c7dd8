using System.Collections.Immutable;
using Osmo.Gateway.Conventions;
using Osmo.Gateway.Identity;
using Osmo.Workflows.Resources;

namespace Osmo.Gateway.Resources;

/// <summary>Nodes and what they offer (contract: api-rest §13).</summary>
internal sealed class ResourceRoutes(ClusterReader cluster) : IRouteArea
{
    private static readonly QueryParameter<ImmutableArray<string>> Pools = QueryParameter.TextList("pools");
    private static readonly QueryParameter<ImmutableArray<string>> Platforms = QueryParameter.TextList("platforms");
    private static readonly QueryParameter<bool> AllPools = QueryParameter.Bool("all_pools");
    private static readonly QueryParameter<bool> Concise = QueryParameter.Bool("concise");

    public void Map(RouteTable routes)
    {
        routes.Get<ResourcesAnswer>("/api/resources", "Nodes of pools, or their sums", List, Pools, Platforms, AllPools, Concise);
        routes.Get<ResourcesAnswer>("/api/resources/{name}", "One node", Node);
    }

    private async Task<IResult> List(HttpContext context)
    {
        var input = new RequestInput(context);
        var (pools, platforms, allPools, concise) = (input.Read(Pools), input.Read(Platforms), input.Read(AllPools), input.Read(Concise));
        if (input.IsInvalid(out var invalid))
        {
            return invalid;
        }

        var model = await cluster.Model(context.RequestAborted);
        var shown = allPools ? [.. model.Configuration.Pools.Keys]
            : pools.IsEmpty ? Caller.Of(context).AllowedPools.ToImmutableHashSet(StringComparer.Ordinal)
            : pools.ToImmutableHashSet(StringComparer.Ordinal);
        var byPlatform = !allPools && !pools.IsEmpty && !platforms.IsEmpty;
        var filter = new ResourceFilter(shown, byPlatform ? platforms.ToImmutableHashSet(StringComparer.Ordinal) : null);
        var backends = shown.Select(model.Configuration.FindPool).Select(pool => pool?.Backend).OfType<string>().Distinct().ToArray();
        var nodes = await cluster.Nodes(backends, null, context.RequestAborted);
        return concise
            ? Answers.Ok(
                ResourceListing.Concise(nodes, model, filter, await cluster.PoolStatuses(context.RequestAborted)),
                ResourcesJson.Default.ConciseResourcesAnswer)
            : Answers.Ok(ResourceListing.List(nodes, model, filter), ResourcesJson.Default.ResourcesAnswer);
    }

    private async Task<IResult> Node(HttpContext context)
    {
        var name = new RequestInput(context).Path("name");
        var found = ResourceListing.Named(
            await cluster.Nodes(null, name, context.RequestAborted), name, await cluster.Model(context.RequestAborted));
        return found.Resources.IsEmpty
            ? Answers.Refused(ErrorCodes.User, $"Resource {name} does not exist!", status: StatusCodes.Status404NotFound)
            : Answers.Ok(found, ResourcesJson.Default.ResourcesAnswer);
    }
}
