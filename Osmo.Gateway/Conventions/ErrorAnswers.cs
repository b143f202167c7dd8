using Microsoft.AspNetCore.WebUtilities;
using Osmo.Storage.State;

namespace Osmo.Gateway.Conventions;

/// <summary>
/// Gives every error the shape of the contract: routes that do not exist, requests that cannot be read, failures (contract: api-rest §4.1).
/// </summary>
internal sealed partial class ErrorAnswers(ILogger<ErrorAnswers> logger)
{
    /// <summary>Seconds a client waits after a failure that passes.</summary>
    private const string RetryAfter = "1";

    public async Task Apply(HttpContext context, RequestDelegate next)
    {
        try
        {
            await next(context);
        }
        catch (OperationCanceledException) when (context.RequestAborted.IsCancellationRequested)
        {
            return;
        }
        catch (BadHttpRequestException e) when (!context.Response.HasStarted)
        {
            await Answers.Detail(e.StatusCode, e.Message).ExecuteAsync(context);
            return;
        }
        catch (Exception e) when (!context.Response.HasStarted)
        {
            LogFailed(e, context.Request.Method, context.Request.Path);
            context.Response.Clear();
            await Answer(e, context.Response).ExecuteAsync(context);
            return;
        }

        var status = context.Response.StatusCode;
        if (status is StatusCodes.Status404NotFound or StatusCodes.Status405MethodNotAllowed
            && !context.Response.HasStarted
            && context.Response.ContentType is null)
        {
            await Answers.Detail(status, ReasonPhrases.GetReasonPhrase(status)).ExecuteAsync(context);
        }
    }

    /// <summary>Texts of the database stay in the log: they may quote statements and rows.</summary>
    private static IResult Answer(Exception exception, HttpResponse response)
    {
        if (StorageFailures.Find(exception) is not { } failure)
        {
            return Transient.Is(exception) ? Unavailable(response, "The service is not available now; try again.") : Answers.Failed(exception.Message);
        }

        return Transient.Is(failure) ? Unavailable(response, StorageFailures.Busy) : Answers.Failed(StorageFailures.Failed);
    }

    private static IResult Unavailable(HttpResponse response, string message)
    {
        response.Headers.RetryAfter = RetryAfter;
        return Answers.Unavailable(message);
    }
}
