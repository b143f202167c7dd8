using Osmo.Gateway.Conventions;
using Osmo.Gateway.Meta;
using Osmo.Gateway.Workflows;
using Osmo.Grains.Interfaces;
using Osmo.Workflows.Configuration;
using Osmo.Workflows.Documents;

namespace Osmo.Gateway.Identity;

/// <summary>What tasks and login need before they have a token (contract: auth §3, §5, §6).</summary>
internal sealed class TokenRoutes(
    IGrainFactory grains, WorkflowReader workflows, ConfigurationCache configuration, TaskTokens tokens) : IRouteArea
{
    private static readonly QueryParameter<string> WorkflowId = QueryParameter.RequiredText("workflow_id");
    private static readonly QueryParameter<string> GroupName = QueryParameter.RequiredText("group_name");
    private static readonly QueryParameter<string> TaskName = QueryParameter.RequiredText("task_name");
    private static readonly QueryParameter<int> RetryId = QueryParameter.Int("retry_id", 0);
    private static readonly QueryParameter<string> RefreshToken = QueryParameter.RequiredText("refresh_token");

    public void Map(RouteTable routes)
    {
        routes.Get<LoginInfo>("/api/auth/login", "How clients log in", Login);
        routes.Get<KeysAnswer>("/api/auth/keys", "Public keys of the tokens this service issues", Keys);
        routes.PostBody<TokenAnswer>(
            "/api/auth/jwt/refresh_token", "A token for a running task", FromBody, WorkflowId, GroupName, TaskName, RetryId);
        routes.Get<TokenAnswer>(
            "/api/auth/jwt/refresh_token", "A token for a running task (deprecated: secrets do not belong into queries)",
            FromQuery, RefreshToken, WorkflowId, GroupName, TaskName, RetryId);
    }

    private async Task<IResult> Login(HttpContext context)
    {
        var service = (await configuration.Get(context.RequestAborted)).Snapshot.Service;
        return Results.Json(service.ServiceAuth?.LoginInfo ?? new LoginInfo(), ConfigurationJson.Masked, Answers.Json);
    }

    private async Task<IResult> Keys(HttpContext context) =>
        Answers.Ok(new KeysAnswer([await tokens.PublicKey(context.RequestAborted)]), GatewayJson.Default.KeysAnswer);

    private async Task<IResult> FromBody(HttpContext context)
    {
        var input = new RequestInput(context);
        var token = (await input.ReadRequiredBody()).RequiredText("token");
        return await Refresh(context, input, token);
    }

    private Task<IResult> FromQuery(HttpContext context)
    {
        var input = new RequestInput(context);
        return Refresh(context, input, input.Read(RefreshToken));
    }

    private async Task<IResult> Refresh(HttpContext context, RequestInput input, string token)
    {
        var (workflow, group, task, retry) = (input.Read(WorkflowId), input.Read(GroupName), input.Read(TaskName), input.Read(RetryId));
        if (input.IsInvalid(out var invalid))
        {
            return invalid;
        }

        // base64url of 32 bytes, or the hexadecimal form of former versions
        if (token.Length is not (43 or 64))
        {
            return Answers.Refused(ErrorCodes.User, $"Refresh Token has invalid length {token.Length}");
        }

        var head = await workflows.Head(workflow, context.RequestAborted);
        var check = head is null
            ? RefreshTokenCheck.Unknown
            : await Transient.Retry(
                () => grains.GetGrain<IWorkflowGrain>(head.WorkflowUuid).CheckRefreshToken(new(group, task, retry, token)), context.RequestAborted);
        return check switch
        {
            RefreshTokenCheck.Valid => await Issue(context, head!),
            RefreshTokenCheck.Finished => Results.Json(
                RefusedTokenAnswer.Finished, GatewayJson.Default.RefusedTokenAnswer, Answers.Json, StatusCodes.Status400BadRequest),
            RefreshTokenCheck.Mismatch =>
                Answers.Refused(ErrorCodes.User, $"Workflow {workflow} with task {task} refresh token is invalid"),
            _ => Answers.Refused(ErrorCodes.User, $"Workflow {workflow} with task {task} does not exist"),
        };
    }

    private async Task<IResult> Issue(HttpContext context, WorkflowHead head)
    {
        var service = (await configuration.Get(context.RequestAborted)).Snapshot.Service;
        var issued = await tokens.Issue(service.ServiceAuth ?? new(), head.User, head.WorkflowId, context.RequestAborted);
        return Answers.Ok(new TokenAnswer(issued.Token, issued.ExpiresAt), GatewayJson.Default.TokenAnswer);
    }
}

public sealed record KeysAnswer(PublicKeyAnswer[] Keys);

/// <param name="ExpiresAt">Unix seconds.</param>
public sealed record TokenAnswer(string Token, long ExpiresAt);

/// <summary>
/// Why a task gets no token. Runtimes look for <c>error</c> at the top; older ones were sent it under <c>detail</c> (contract:
/// runtime-protocol §6).
/// </summary>
public sealed record RefusedTokenAnswer(string Error, RefusedTokenDetail Detail)
{
    public static RefusedTokenAnswer Finished { get; } = new("FINISHED", new(null, null, "FINISHED"));
}

public sealed record RefusedTokenDetail(string? Token, long? ExpiresAt, string Error);
