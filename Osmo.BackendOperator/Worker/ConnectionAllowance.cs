namespace Osmo.BackendOperator.Worker;

/// <summary>How many connections the control plane takes for jobs, as it said last; one until it has said anything.</summary>
internal sealed class ConnectionAllowance
{
    private readonly Lock _lock = new();
    private int _connections = 1;
    private TaskCompletionSource _changed = New();

    public void Set(int connections)
    {
        TaskCompletionSource changed;
        lock (_lock)
        {
            if (connections == _connections)
            {
                return;
            }

            (_connections, changed, _changed) = (connections, _changed, New());
        }

        changed.SetResult();
    }

    /// <summary>Until there may be this many.</summary>
    public async Task WaitAsync(int connections, CancellationToken cancellation)
    {
        while (Change(connections) is { } change)
        {
            await change.WaitAsync(cancellation);
        }
    }

    private Task? Change(int connections)
    {
        lock (_lock)
        {
            return connections <= _connections ? null : _changed.Task;
        }
    }

    private static TaskCompletionSource New() => new(TaskCreationOptions.RunContinuationsAsynchronously);
}
