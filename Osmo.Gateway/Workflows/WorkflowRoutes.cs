using System.Collections.Immutable;
using Osmo.Gateway.Conventions;
using Osmo.Gateway.Identity;
using Osmo.Gateway.Meta;
using Osmo.Grains.Interfaces;
using Osmo.Storage.Queries;

namespace Osmo.Gateway.Workflows;

/// <summary>One workflow: what it is, its tasks, cancel, tags (contract: api-rest §8.3, §8.5, §8.6, §8.8).</summary>
internal sealed class WorkflowRoutes(
    IGrainFactory grains,
    WorkflowReader workflows,
    IWorkflowQueries queries,
    ConfigurationCache configuration,
    WorkflowView view) : IRouteArea
{
    private static readonly QueryParameter<bool> SkipGroups = QueryParameter.Bool("skip_groups");
    private static readonly QueryParameter<bool> Verbose = QueryParameter.Bool("verbose");
    private static readonly QueryParameter<string?> Message = QueryParameter.Text("message");
    private static readonly QueryParameter<bool> Force = QueryParameter.Bool("force");
    private static readonly QueryParameter<ImmutableArray<string>> Add = QueryParameter.TextList("add");
    private static readonly QueryParameter<ImmutableArray<string>> Remove = QueryParameter.TextList("remove");

    public void Map(RouteTable routes)
    {
        routes.Get<WorkflowAnswer>("/api/workflow/{name}", "A workflow, its groups and tasks", Query, SkipGroups, Verbose);
        routes.Get<TaskEntryAnswer>("/api/workflow/{name}/task/{task_name}", "The newest attempt of a task", QueryTask);
        routes.Post<CancelAnswer>("/api/workflow/{name}/cancel", "Cancels a workflow", Cancel, Message, Force);
        routes.Post<object>("/api/workflow/{name}/tag", "Adds and removes tags", Tag, Add, Remove);

        // Logs and notifications name the page of the web UI. There is none yet, and their links stay.
        routes.Endpoints.MapGet("/workflows/{name}", (string name) => Results.Redirect($"/api/workflow/{Uri.EscapeDataString(name)}")).ExcludeFromDescription();
    }

    private async Task<IResult> Query(HttpContext context)
    {
        var input = new RequestInput(context);
        var (name, skipGroups, verbose) = (input.Path("name"), input.Read(SkipGroups), input.Read(Verbose));
        if (input.IsInvalid(out var invalid))
        {
            return invalid;
        }

        var depth = skipGroups ? WorkflowDepth.Head : verbose ? WorkflowDepth.AllAttempts : WorkflowDepth.LatestAttempts;
        if (await workflows.Read(name, depth, context.RequestAborted) is not { } workflow)
        {
            return Answers.WorkflowNotFound(name);
        }

        var shapes = await view.Shapes(context);
        return Answers.Ok(shapes.Workflow(workflow, !skipGroups), GatewayJson.Default.WorkflowAnswer);
    }

    private async Task<IResult> QueryTask(HttpContext context)
    {
        var input = new RequestInput(context);
        var (name, taskName) = (input.Path("name"), input.Path("task_name"));
        if (await workflows.Read(name, WorkflowDepth.LatestAttempts, context.RequestAborted) is not { } workflow)
        {
            return Answers.WorkflowNotFound(name);
        }

        return workflow.Tasks.FirstOrDefault(task => task.Name == taskName) is { } found
            ? Answers.Ok(WorkflowShapes.TaskEntry(found), GatewayJson.Default.TaskEntryAnswer)
            : Answers.TaskNotFound(workflow.Head.WorkflowId, taskName);
    }

    private async Task<IResult> Cancel(HttpContext context)
    {
        var input = new RequestInput(context);
        var (name, message, force) = (input.Path("name"), input.Read(Message), input.Read(Force));
        if (input.IsInvalid(out var invalid))
        {
            return invalid;
        }

        if (await queries.FindWorkflow(name, context.RequestAborted) is not { } uuid)
        {
            return Answers.WorkflowNotFound(name);
        }

        var cancel = new CancelWorkflow(Caller.Of(context).User, message, force);
        return await Transient.Retry(() => grains.GetGrain<IWorkflowGrain>(uuid).Cancel(cancel), context.RequestAborted) switch
        {
            { Refusal: { } refusal } => Answers.Refused(refusal),
            { WorkflowId: { } id } => Answers.Ok(new CancelAnswer(id), GatewayJson.Default.CancelAnswer),
            _ => Answers.WorkflowNotFound(name),
        };
    }

    private async Task<IResult> Tag(HttpContext context)
    {
        var input = new RequestInput(context);
        var (name, add, remove) = (input.Path("name"), input.Read(Add), input.Read(Remove));
        if (add.IsEmpty && remove.IsEmpty)
        {
            return Answers.Refused(ErrorCodes.User, "No tags specified!");
        }

        var known = (await configuration.Get(context.RequestAborted)).Snapshot.Workflow.WorkflowInfo.Tags;
        if (add.Except(known, StringComparer.Ordinal).Any())
        {
            return Answers.Refused(ErrorCodes.User, $"Invalid tag detected. Users can only set specified tags: {string.Join(", ", known)}");
        }

        return await queries.FindWorkflow(name, context.RequestAborted) is { } uuid
            && await Transient.Retry(() => grains.GetGrain<IWorkflowGrain>(uuid).SetTags(add, remove), context.RequestAborted)
            ? Answers.Null
            : Answers.WorkflowNotFound(name);
    }
}
