using Microsoft.AspNetCore.WebUtilities;

namespace Osmo.Gateway.Conventions;

/// <summary>
/// Gives every error the shape of the contract: routes that do not exist, requests that cannot be read, failures (contract: api-rest §4.1).
/// </summary>
internal sealed partial class ErrorAnswers(ILogger<ErrorAnswers> logger)
{
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
            await Answers.Failed(e.Message).ExecuteAsync(context);
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
}
