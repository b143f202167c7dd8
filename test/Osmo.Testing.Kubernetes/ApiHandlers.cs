using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Http;
using Osmo.Testing.Kubernetes.Api;

namespace Osmo.Testing.Kubernetes;

/// <summary>From a request to its answer.</summary>
internal sealed class ApiHandlers(FakeKubernetesOptions options, ApiStorage storage, ApiWrites writes, PodLogs logs, Faults faults) : IDisposable
{
    private readonly ApiReads _reads = new(storage);
    private readonly Lock _lock = new();
    private CancellationTokenSource _watches = new();
    private CancellationTokenSource _talkingWatches = new();

    public async Task ServeAsync(HttpContext context, Action<ApiCall> remember)
    {
        if (faults.IsDown)
        {
            context.Abort();
            return;
        }

        try
        {
            Authenticate(context);
            await AnswerAsync(context, remember);
        }
        catch (ApiException error)
        {
            if (error.RetryAfter is { } pause)
            {
                context.Response.Headers.RetryAfter = pause.TotalSeconds.ToString("0", CultureInfo.InvariantCulture);
            }

            await WriteAsync(context, error.Status, error.Code);
        }
        catch (Exception error) when (error is JsonException or FormatException)
        {
            await WriteAsync(context, ApiException.BadRequest(error.Message).Status, StatusCodes.Status400BadRequest);
        }
        catch (Exception error) when (error is OperationCanceledException or IOException)
        {
            // The caller has gone, or its watch was broken on purpose.
            context.Abort();
        }
    }

    public void ForgetContinuations() => _reads.ForgetContinuations();

    public void BreakWatches() => Renew(ref _watches).Cancel();

    public void MuteWatches() => Renew(ref _talkingWatches).Cancel();

    public void Dispose()
    {
        _watches.Dispose();
        _talkingWatches.Dispose();
    }

    private void Authenticate(HttpContext context)
    {
        var authorization = context.Request.Headers.Authorization.ToString();
        var token = authorization.StartsWith("Bearer ", StringComparison.Ordinal) ? authorization["Bearer ".Length..] : null;
        if (options.Authenticate is { } isKnown && !isKnown(token, context.Connection.ClientCertificate))
        {
            throw new ApiException(StatusCodes.Status401Unauthorized, "Unauthorized", "Unauthorized");
        }
    }

    private async Task AnswerAsync(HttpContext context, Action<ApiCall> remember)
    {
        var request = context.Request;
        if (ApiCall.Parse(request.Method, request.Path.Value!, request.Query["watch"] is ["true" or "1"], options.Resources) is not { } call)
        {
            await WriteAsync(context, Discovery.Answer(request.Path.Value!, options.Resources));
            return;
        }

        call = call with { IsOfMetadata = call.Verb == "list" && request.Headers.Accept.ToString().StartsWith(ApiReads.PartialList, StringComparison.Ordinal) };
        remember(call);
        if (faults.Allowed?.Invoke(call) == false)
        {
            throw Faults.Refusal(call);
        }

        await faults.PassAsync(call);
        if (faults.Take(call) is not { } fault)
        {
            await ServeAsync(context, call);
        }
        else if (fault.Error is { } error)
        {
            throw error(call);
        }
        else
        {
            await ActAsync(context, call);
            context.Abort();
        }
    }

    private async Task ServeAsync(HttpContext context, ApiCall call)
    {
        switch (call.Verb)
        {
            case "list":
                await _reads.ListAsync(context, call);
                break;
            case "watch":
                var (ended, muted) = CurrentWatches();
                await _reads.WatchAsync(context, call, ended, muted);
                break;
            case "get" when call is { Resource: { } resource, Subresource: "log" } && resource == Resource.Pods:
                await context.Response.Body.WriteAsync(logs.Read(
                    call.Key, context.Request.Query["container"], int.TryParse(context.Request.Query["tailLines"], out var lines) ? lines : null));
                break;
            default:
                var (answer, code) = await ActAsync(context, call);
                await WriteAsync(context, answer, code);
                break;
        }
    }

    private async Task<(JsonObject Answer, int Code)> ActAsync(HttpContext context, ApiCall call)
    {
        var body = context.Request.ContentLength is null or 0 ? null : await BodyAsync(context);
        return call.Verb switch
        {
            "get" => ((storage.Find(call.Key) ?? throw ApiException.NotFound(call.Key)).ToJson(), StatusCodes.Status200OK),
            "create" => (writes.Create(call.Resource, call.Namespace, body ?? []).ToJson(), StatusCodes.Status201Created),
            "update" => (writes.Replace(call.Key, body ?? []).ToJson(), StatusCodes.Status200OK),
            "patch" => (writes.Patch(call.Key, context.Request.ContentType?.Split(';')[0] ?? "", body ?? []).ToJson(), StatusCodes.Status200OK),
            "delete" => (Delete(call.Key, body), StatusCodes.Status200OK),
            _ => throw new ApiException(StatusCodes.Status405MethodNotAllowed, "MethodNotAllowed", $"{call.Verb} is not supported here"),
        };
    }

    private JsonObject Delete(ObjectKey key, JsonObject? how) =>
        writes.Delete(key, (long?)how?["gracePeriodSeconds"], (string?)how?["propagationPolicy"] == "Foreground")?.ToJson()
        ?? new JsonObject { ["kind"] = "Status", ["apiVersion"] = "v1", ["status"] = "Success" };

    private (CancellationToken Ended, CancellationToken Muted) CurrentWatches()
    {
        lock (_lock)
        {
            return (_watches.Token, _talkingWatches.Token);
        }
    }

    /// <returns>The one before.</returns>
    private CancellationTokenSource Renew(ref CancellationTokenSource source)
    {
        lock (_lock)
        {
            var before = source;
            source = new CancellationTokenSource();
            return before;
        }
    }

    private static async Task<JsonObject?> BodyAsync(HttpContext context) =>
        (await JsonNode.ParseAsync(context.Request.Body, cancellationToken: context.RequestAborted))?.AsObject();

    private static async Task WriteAsync(HttpContext context, JsonObject answer, int code = StatusCodes.Status200OK)
    {
        context.Response.StatusCode = code;
        context.Response.ContentType = "application/json";
        await context.Response.WriteAsync(answer.ToJsonString(), context.RequestAborted);
    }
}
