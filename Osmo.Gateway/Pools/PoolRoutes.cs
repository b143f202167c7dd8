using System.Collections.Immutable;
using Osmo.Gateway.Conventions;
using Osmo.Gateway.Meta;
using Osmo.Gateway.Resources;
using Osmo.Storage.Queries;
using Osmo.Workflows;
using Osmo.Workflows.Lifecycle;
using Osmo.Workflows.Resources;

namespace Osmo.Gateway.Pools;

/// <summary>Pools and their quotas (contract: api-rest §12).</summary>
internal sealed class PoolRoutes(ClusterReader cluster, ConfigurationCache configuration, IWorkflowQueries queries) : IRouteArea
{
    private static readonly QueryParameter<bool> AllPools = QueryParameter.Bool("all_pools", absent: true);
    private static readonly QueryParameter<ImmutableArray<string>> Pools = QueryParameter.TextList("pools");

    public void Map(RouteTable routes)
    {
        routes.Get<PoolsAnswer>("/api/pool", "Pools and their platforms", List, AllPools, Pools);
        routes.Get<PoolQuotaAnswer>("/api/pool_quota", "GPU quotas of pools, by sets that share nodes", Quotas, AllPools, Pools);
    }

    private async Task<IResult> List(HttpContext context)
    {
        if (Names(context, out var names) is { } refusal)
        {
            return refusal;
        }

        var statuses = await cluster.PoolStatuses(context.RequestAborted);
        return Answers.Ok(
            PoolsAnswer.Of(await configuration.Get(context.RequestAborted), names, statuses), ResourcesJson.Default.PoolsAnswer);
    }

    private async Task<IResult> Quotas(HttpContext context)
    {
        if (Names(context, out var names) is { } refusal)
        {
            return refusal;
        }

        var nodes = await cluster.Nodes(null, null, context.RequestAborted);
        var running = await queries.RunningGpus(context.RequestAborted);
        var low = WireEnum<WorkflowPriority>.Name(WorkflowPriority.Low);
        var usage = running.GroupBy(gpus => gpus.Pool).ToDictionary(
            pool => pool.Key,
            pool => new PoolGpuUsage((int)pool.Sum(gpus => gpus.Gpu), (int)pool.Where(gpus => gpus.Priority != low).Sum(gpus => gpus.Gpu)));
        var answer = PoolQuota.Of(
            nodes, await cluster.Model(context.RequestAborted), names, usage, await cluster.PoolStatuses(context.RequestAborted));
        return Answers.Ok(answer, ResourcesJson.Default.PoolQuotaAnswer);
    }

    /// <summary>Pools that were named are all that is shown, whatever <c>all_pools</c> says; null for all.</summary>
    private static IResult? Names(HttpContext context, out ImmutableHashSet<string>? names)
    {
        var input = new RequestInput(context);
        var (allPools, pools) = (input.Read(AllPools), input.Read(Pools));
        names = pools.IsEmpty ? null : pools.ToImmutableHashSet(StringComparer.Ordinal);
        return input.IsInvalid(out var invalid) ? invalid
            : !allPools && pools.IsEmpty ? Answers.Refused(ErrorCodes.User, "No pool selected!")
            : null;
    }
}
