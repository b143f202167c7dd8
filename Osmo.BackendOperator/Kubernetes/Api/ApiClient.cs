using System.Net;
using System.Net.Http.Headers;
using System.Text.Json;
using System.Threading.RateLimiting;
using Osmo.BackendOperator.Cluster;
using Osmo.BackendOperator.Kubernetes.Access;
using Polly;
using Polly.Retry;

namespace Osmo.BackendOperator.Kubernetes.Api;

/// <summary>One request to an API server, as data, so that it can be made again.</summary>
/// <param name="Path">Relative, with its query.</param>
/// <param name="IsRepeatable">Whether it may be made again when nobody knows if it took effect.</param>
internal sealed record ApiRequest(HttpMethod Method, string Path, byte[]? Body = null, string ContentType = ApiRequest.Json, bool IsRepeatable = true)
{
    public const string Json = "application/json";

    /// <summary>Of lists: objects without their contents, where the server can; else whole.</summary>
    public const string OnlyMetadata = "application/json;as=PartialObjectMetadataList;g=meta.k8s.io;v=v1,application/json";

    /// <summary>Media types of the answer, the preferred first.</summary>
    public string Accept { get; init; } = Json;

    /// <summary>In the words of RBAC.</summary>
    public string Verb => Method.Method switch
    {
        "GET" when Path.Contains("watch=true", StringComparison.Ordinal) => "watch",
        "GET" when Path.Contains("limit=", StringComparison.Ordinal) => "list",
        "GET" => "get",
        "POST" => "create",
        "PUT" => "update",
        "PATCH" => "patch",
        "DELETE" => "delete",
        var other => other,
    };

    public override string ToString() => $"{Method} /{Path.Split('?')[0]}";
}

/// <summary>
/// Sends requests with the operator's identity at a bounded rate, and makes those again that may succeed later: with growing pauses, or
/// when the server says.
/// </summary>
internal sealed class ApiClient : IDisposable
{
    /// <summary>Besides the first try.</summary>
    internal const int RepetitionsMax = 4;

    /// <summary>Requests that wait for their turn; more are refused.</summary>
    private const int WaitingMax = 10_000;

    /// <summary>Until the answer begins.</summary>
    private static readonly TimeSpan AnswerTimeout = TimeSpan.FromSeconds(60);

    /// <summary>Until the answer, but for watches and logs, has ended.</summary>
    private static readonly TimeSpan BodyTimeout = TimeSpan.FromSeconds(120);

    private static readonly TimeSpan PauseMax = TimeSpan.FromSeconds(10);

    /// <summary>Between the tries of a request for which rights are refused.</summary>
    private static readonly TimeSpan RefusalPauseMax = TimeSpan.FromSeconds(2);

    /// <summary>A server that wants to be left alone for longer is asked again after this.</summary>
    private static readonly TimeSpan RetryAfterMax = TimeSpan.FromSeconds(60);

    private readonly HttpClient _http;
    private readonly ClusterAccess _access;
    private readonly TimeProvider _time;
    private readonly OperatorMetrics? _metrics;
    private readonly Refusals _refusals;
    private readonly TokenBucketRateLimiter _rate;
    private readonly ResiliencePipeline<Attempt> _tries;

    public ApiClient(ClusterAccess access, ApiClientOptions options, TimeProvider time, OperatorMetrics? metrics = null)
    {
        (_access, _time, _metrics) = (access, time, metrics);
        _refusals = new Refusals(options.RefusalPatience, time);
        _http = ApiHttp.Create(access, options.ConnectTimeout);
        var tokensPerPeriod = Math.Max(1, options.RequestsPerSecond / 10);
        _rate = new TokenBucketRateLimiter(new TokenBucketRateLimiterOptions
        {
            TokenLimit = options.Burst,
            TokensPerPeriod = tokensPerPeriod,
            ReplenishmentPeriod = TimeSpan.FromSeconds((double)tokensPerPeriod / options.RequestsPerSecond),
            QueueLimit = WaitingMax,
        });
        _tries = new ResiliencePipelineBuilder<Attempt> { TimeProvider = time }
            .AddRetry(new RetryStrategyOptions<Attempt>
            {
                // Time bounds it: in the end the refusal counts.
                MaxRetryAttempts = int.MaxValue,
                BackoffType = DelayBackoffType.Exponential,
                UseJitter = true,
                Delay = options.RetryPause,
                MaxDelay = RefusalPauseMax,
                ShouldHandle = tried => ValueTask.FromResult(tried.Outcome.Result is { Error.MayBeHasty: true }),
            })
            .AddRetry(new RetryStrategyOptions<Attempt>
            {
                MaxRetryAttempts = RepetitionsMax,
                BackoffType = DelayBackoffType.Exponential,
                UseJitter = true,
                Delay = options.RetryPause,
                MaxDelay = PauseMax,
                ShouldHandle = tried => ValueTask.FromResult(tried.Outcome.Result is { MayRepeat: true }),
                DelayGenerator = tried => ValueTask.FromResult(tried.Outcome.Result?.Error?.RetryAfter),
            })
            .Build();
    }

    /// <summary>The answer's headers and the beginning of its body; the caller disposes it.</summary>
    public async Task<ApiResult<HttpResponseMessage>> SendAsync(ApiRequest request, CancellationToken cancellation)
    {
        var attempt = await _tries.ExecuteAsync(
            static async (state, token) => await state.Client.TryAsync(state.Request, token), (Client: this, Request: request), cancellation);
        return attempt.Error is { } error ? error : attempt.Response!;
    }

    /// <summary>As <see cref="SendAsync"/>, but once: for whoever has a loop of its own.</summary>
    public async Task<ApiResult<HttpResponseMessage>> SendOnceAsync(ApiRequest request, CancellationToken cancellation)
    {
        var attempt = await TryAsync(request, cancellation);
        return attempt.Error is { } error ? error : attempt.Response!;
    }

    public void Dispose()
    {
        _http.Dispose();
        _rate.Dispose();
        (_access.Tokens as IDisposable)?.Dispose();
    }

    /// <summary>Reads the body of an answer; what goes wrong with it is a result.</summary>
    /// <param name="what">The request, for messages.</param>
    public async Task<ApiResult<T>> ReadAsync<T>(
        HttpResponseMessage response, string what, Func<Stream, CancellationToken, Task<T>> read, CancellationToken cancellation)
    {
        using var timeout = new CancellationTokenSource(BodyTimeout, _time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(timeout.Token, cancellation);
        try
        {
            await using var body = await response.Content.ReadAsStreamAsync(either.Token);
            return await read(body, either.Token);
        }
        catch (OperationCanceledException) when (!cancellation.IsCancellationRequested)
        {
            return new ApiError(ApiFailure.ConnectionBroken, $"{what}: the answer did not end within {BodyTimeout.TotalSeconds} s.");
        }
        catch (Exception e) when (e is IOException or HttpRequestException)
        {
            return Broken(what, e);
        }
        catch (Exception e) when (e is JsonException or KeyNotFoundException or InvalidOperationException)
        {
            return new ApiError(ApiFailure.Invalid, $"{what}: the answer cannot be read: {e.Message}");
        }
    }

    /// <summary>The connection broke while an answer was read.</summary>
    public static ApiError Broken(string what, Exception exception) => new(ApiFailure.ConnectionBroken, $"{what}: the connection broke: {exception.Message}");

    private async Task<Attempt> TryAsync(ApiRequest request, CancellationToken cancellation)
    {
        using var lease = await _rate.AcquireAsync(1, cancellation);
        if (!lease.IsAcquired)
        {
            return new Attempt(null, new ApiError(ApiFailure.TooManyRequests, $"{request}: {WaitingMax} requests wait already."), MayRepeat: true);
        }

        var started = _time.GetTimestamp();
        var attempt = await AttemptAsync(request, cancellation);
        _metrics?.Requested(request.Verb, attempt.Code, _time.GetElapsedTime(started));
        return attempt;
    }

    private async Task<Attempt> AttemptAsync(ApiRequest request, CancellationToken cancellation)
    {
        using var timeout = new CancellationTokenSource(AnswerTimeout, _time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(timeout.Token, cancellation);
        try
        {
            return await ExchangeAsync(request, either.Token);
        }
        catch (ClusterAccessException e)
        {
            return new Attempt(null, new ApiError(ApiFailure.Unreachable, $"{request}: {e.Message}"), MayRepeat: true);
        }
        catch (OperationCanceledException e) when (!either.IsCancellationRequested)
        {
            // An API server that starts takes connections before it answers on them: nothing was sent.
            return new Attempt(null, new ApiError(ApiFailure.Unreachable, $"{request}: {_access.Server} cannot be reached: {Reason(e)}"), MayRepeat: true);
        }
        catch (OperationCanceledException) when (!cancellation.IsCancellationRequested)
        {
            var error = new ApiError(ApiFailure.ConnectionBroken, $"{request}: no answer within {AnswerTimeout.TotalSeconds} s.");
            return new Attempt(null, error, request.IsRepeatable);
        }
        catch (HttpRequestException e) when (IsNotSent(e))
        {
            return new Attempt(null, new ApiError(ApiFailure.Unreachable, $"{request}: {_access.Server} cannot be reached: {Reason(e)}"), MayRepeat: true);
        }
        catch (Exception e) when (e is HttpRequestException or IOException)
        {
            return new Attempt(null, Broken(request.ToString(), e), request.IsRepeatable);
        }
    }

    private async Task<Attempt> ExchangeAsync(ApiRequest request, CancellationToken cancellation)
    {
        using var message = new HttpRequestMessage(request.Method, request.Path);
        message.Headers.UserAgent.Add(new ProductInfoHeaderValue("osmo-operator", typeof(ApiClient).Assembly.GetName().Version?.ToString(3)));
        message.Headers.TryAddWithoutValidation("Accept", request.Accept);
        if (_access.Tokens is { } tokens)
        {
            message.Headers.Authorization = new AuthenticationHeaderValue("Bearer", await tokens.GetAsync(cancellation));
        }

        if (request.Body is { } body)
        {
            message.Content = new ByteArrayContent(body);
            message.Content.Headers.ContentType = new MediaTypeHeaderValue(request.ContentType);
        }

        var response = await _http.SendAsync(message, HttpCompletionOption.ResponseHeadersRead, cancellation);
        if (response.IsSuccessStatusCode)
        {
            _refusals.Granted(request);
            return new Attempt(response, null, MayRepeat: false) { Code = (int)response.StatusCode };
        }

        using (response)
        {
            var error = Judged(await ApiStatus.ReadErrorAsync(response, request.ToString(), cancellation), request);
            // A token that has just been replaced is refused once.
            var mayRepeat = error.IsTransient || (response.StatusCode == HttpStatusCode.Unauthorized && _access.Tokens?.Refused() == true);
            return new Attempt(null, error with { RetryAfter = RetryAfter(response) }, mayRepeat) { Code = (int)response.StatusCode };
        }
    }

    /// <summary>A refusal of rights that has lasted is none that passes.</summary>
    private ApiError Judged(ApiError error, ApiRequest request) => error.MayBeHasty && ApiRight.Of(request) is var right && _refusals.Counts(right)
        ? new ApiError(error.Failure, $"The API server does not let the operator {right}: {error.Message}")
        : error;

    private TimeSpan? RetryAfter(HttpResponseMessage response)
    {
        var said = response.Headers.RetryAfter;
        var pause = said?.Delta ?? (said?.Date - _time.GetUtcNow());
        return pause is not { } wanted ? null : wanted < TimeSpan.Zero ? TimeSpan.Zero : wanted > RetryAfterMax ? RetryAfterMax : wanted;
    }

    private static bool IsNotSent(HttpRequestException e) => e.HttpRequestError is
        HttpRequestError.ConnectionError or HttpRequestError.NameResolutionError or HttpRequestError.SecureConnectionError;

    private static string Reason(Exception e) => e.InnerException is { } inner ? $"{e.Message} {inner.Message}" : e.Message;

    /// <summary>Exactly one of response and error is there.</summary>
    private sealed record Attempt(HttpResponseMessage? Response, ApiError? Error, bool MayRepeat)
    {
        /// <summary>Of the answer; 0 when there was none.</summary>
        public int Code { get; init; }
    }
}
