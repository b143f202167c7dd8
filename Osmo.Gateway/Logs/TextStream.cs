using System.IO.Pipelines;
using System.Text;
using System.Text.RegularExpressions;
using Microsoft.AspNetCore.Server.Kestrel.Core.Features;

namespace Osmo.Gateway.Logs;

/// <summary>
/// A chunked answer that is sent as it comes (contract: api-rest §9.2). One that cannot be completed is cut, so that the client sees that
/// it is.
/// </summary>
internal sealed class TextStream(
    string contentType, Func<TextStream.Response, CancellationToken, Task> write, CancellationToken stopping) : IResult
{
    public async Task ExecuteAsync(HttpContext httpContext)
    {
        // A reader may pause for as long as it likes: a pager, a terminal that is held.
        if (httpContext.Features.Get<IHttpMinResponseDataRateFeature>() is { } rate)
        {
            rate.MinDataRate = null;
        }

        var response = httpContext.Response;
        response.ContentType = contentType;
        response.Headers.XContentTypeOptions = "nosniff";
        await response.StartAsync(httpContext.RequestAborted);
        await response.BodyWriter.FlushAsync(httpContext.RequestAborted);

        using var ending = CancellationTokenSource.CreateLinkedTokenSource(httpContext.RequestAborted, stopping);
        try
        {
            await write(new Response(response.BodyWriter), ending.Token);
        }
        catch (OperationCanceledException) when (ending.IsCancellationRequested)
        {
            httpContext.Abort();
        }
        catch (RegexMatchTimeoutException)
        {
            httpContext.Abort();
        }
    }

    /// <summary>Where the text goes.</summary>
    internal readonly struct Response(PipeWriter body)
    {
        public void Write(string text) => Encoding.UTF8.GetBytes(text, body);

        public LineSink Sink(int? last, Regex? query) => new(body, last, query);
    }
}
