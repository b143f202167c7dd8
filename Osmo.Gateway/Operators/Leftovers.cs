using System.Text.Json;
using Microsoft.AspNetCore.Http.Features;
using Osmo.Gateway.Conventions;
using Osmo.Grains.Interfaces;
using Osmo.Protocol.Backend;

namespace Osmo.Gateway.Operators;

/// <summary>
/// What an operator finds of groups that have no pod: their workflows decide whether it is to be removed. Whoever tells of groups that are alive, elsewhere or
/// of nobody changes nothing.
/// </summary>
internal sealed class Leftovers(IGrainFactory grains)
{
    /// <summary>Workflows asked at the same time; none of them is in a hurry.</summary>
    private const int ParallelMax = 4;

    public async Task<IResult> Accept(HttpContext context)
    {
        LeftoverReport report;
        try
        {
            report = LeftoverReport.Decode(await Body(context));
        }
        catch (JsonException e)
        {
            return Answers.Refused(ErrorCodes.User, $"The report of leftovers cannot be read: {e.Message}");
        }

        var backend = new RequestInput(context).Path("name");
        await Parallel.ForEachAsync(
            report.Groups.Distinct().GroupBy(group => group.WorkflowUuid, group => group.GroupUuid),
            new ParallelOptions { MaxDegreeOfParallelism = ParallelMax, CancellationToken = context.RequestAborted },
            async (workflow, stop) => await Transient.Retry(() => grains.GetGrain<IWorkflowGrain>(workflow.Key).ReportLeftovers(backend, [.. workflow]), stop));
        return Answers.Null;
    }

    /// <exception cref="BadHttpRequestException">It is larger than a report may be.</exception>
    private static async Task<byte[]> Body(HttpContext context)
    {
        context.Features.GetRequiredFeature<IHttpMaxRequestBodySizeFeature>().MaxRequestBodySize = LeftoverReport.BytesMax;
        using var body = new MemoryStream();
        await context.Request.Body.CopyToAsync(body, context.RequestAborted);
        return body.ToArray();
    }
}
