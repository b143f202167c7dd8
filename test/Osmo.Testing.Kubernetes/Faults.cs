using Osmo.Testing.Kubernetes.Api;

namespace Osmo.Testing.Kubernetes;

/// <summary>What goes wrong with requests, until it is told to stop.</summary>
public sealed class Faults
{
    private readonly Lock _lock = new();
    private readonly LinkedList<Fault> _next = [];
    private volatile Gate? _gate;
    private volatile Func<ApiCall, bool>? _allowed;
    private volatile bool _isDown;

    /// <summary>Every connection breaks, as if the server were not there.</summary>
    public bool IsDown
    {
        get => _isDown;
        set => _isDown = value;
    }

    /// <summary>Who may do what; null allows everything.</summary>
    public Func<ApiCall, bool>? Allowed
    {
        get => _allowed;
        set => _allowed = value;
    }

    /// <summary>The next fitting requests are answered with an error of the server.</summary>
    public void Fail(int code, int times = 1, TimeSpan? retryAfter = null, Func<ApiCall, bool>? where = null)
    {
        var reason = code switch { 429 => "TooManyRequests", 503 => "ServiceUnavailable", 403 => "Forbidden", 401 => "Unauthorized", _ => "InternalError" };
        Add(times, where, _ => new ApiException(code, reason, $"scripted {code}") { RetryAfter = retryAfter });
    }

    /// <summary>The next fitting requests are refused as by a server that has just started and does not know the roles yet.</summary>
    public void Refuse(int times = 1, Func<ApiCall, bool>? where = null) => Add(times, where, Refusal);

    /// <summary>In the words of RBAC's authorizer.</summary>
    internal static ApiException Refusal(ApiCall call)
    {
        var what = call.Resource.Plural + (call.Subresource is null ? "" : "/" + call.Subresource);
        var scope = call.Namespace is null ? "at the cluster scope" : $"in the namespace \"{call.Namespace}\"";
        return new ApiException(
            403,
            "Forbidden",
            $"{call.Resource.Name} {(call.Name is null ? "" : $"\"{call.Name}\" ")}is forbidden: User \"system:serviceaccount:osmo:osmo-operator\" cannot {call.Verb} "
            + $"resource \"{what}\" in API group \"{call.Resource.Group}\" {scope}");
    }

    /// <summary>The next fitting requests have their effect, and then the connection breaks before the answer.</summary>
    public void BreakAfter(int times = 1, Func<ApiCall, bool>? where = null) => Add(times, where, error: null);

    /// <summary>Requests wait until the answer is disposed.</summary>
    public IDisposable Hold(Func<ApiCall, bool> where)
    {
        var gate = new Gate(this, where);
        _gate = gate;
        return gate;
    }

    internal Task PassAsync(ApiCall call) => _gate is { } gate && gate.Where(call) ? gate.Opened : Task.CompletedTask;

    /// <returns>Null when nothing is to go wrong with this request.</returns>
    internal Fault? Take(ApiCall call)
    {
        lock (_lock)
        {
            for (var next = _next.First; next is not null; next = next.Next)
            {
                if (next.Value.Where(call))
                {
                    _next.Remove(next);
                    return next.Value;
                }
            }

            return null;
        }
    }

    private void Add(int times, Func<ApiCall, bool>? where, Func<ApiCall, ApiException>? error)
    {
        lock (_lock)
        {
            for (var i = 0; i < times; i++)
            {
                _next.AddLast(new Fault(where ?? (_ => true), error));
            }
        }
    }

    /// <param name="Error">Null when the request takes effect and only its answer is lost.</param>
    internal sealed record Fault(Func<ApiCall, bool> Where, Func<ApiCall, ApiException>? Error);

    private sealed class Gate(Faults owner, Func<ApiCall, bool> where) : IDisposable
    {
        private readonly TaskCompletionSource _opened = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public Func<ApiCall, bool> Where { get; } = where;

        public Task Opened => _opened.Task;

        public void Dispose()
        {
            owner._gate = null;
            _opened.TrySetResult();
        }
    }
}
