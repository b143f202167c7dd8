namespace Osmo.Embedded.Calls;

/// <summary>A call of a method without a result.</summary>
internal abstract class Call : GrainCall
{
    private readonly TaskCompletionSource _promise = new();

    public Task Promise => _promise.Task;

    public sealed override bool IsMoot => !Method.IsOneWay && _promise.Task.IsCompleted;

    public sealed override object? ResultOf(Task work) => null;

    protected sealed override bool TryKeep(Task work) => _promise.TrySetFromTask(work);

    protected sealed override bool TryCancel(CancellationToken token) => _promise.TrySetCanceled(token);

    protected sealed override bool TryFail(Exception exception) => _promise.TrySetException(exception);

    protected sealed override Task RunFiltered(FilteredCall filtered) => filtered.Invoke();
}

/// <summary>A call of a method with a result.</summary>
internal abstract class Call<TResult> : GrainCall
{
    private readonly TaskCompletionSource<TResult> _promise = new();

    public Task<TResult> Promise => _promise.Task;

    public sealed override bool IsMoot => !Method.IsOneWay && _promise.Task.IsCompleted;

    public sealed override object? ResultOf(Task work) => ((Task<TResult>)work).Result;

    protected sealed override bool TryKeep(Task work) => work is Task<TResult> task
        ? _promise.TrySetFromTask(task)
        : _promise.TrySetException(work.Exception!.InnerException!); // the method threw before it made its task

    protected sealed override bool TryCancel(CancellationToken token) => _promise.TrySetCanceled(token);

    protected sealed override bool TryFail(Exception exception) => _promise.TrySetException(exception);

    protected sealed override Task RunFiltered(FilteredCall filtered)
    {
        return Filtered(filtered);

        static async Task<TResult> Filtered(FilteredCall filtered)
        {
            await filtered.Invoke();
            return filtered.Result switch
            {
                TResult result => result,
                null when default(TResult) is null => default!,
                var other => throw new InvalidOperationException(
                    $"A call filter answered {filtered.InterfaceName}.{filtered.MethodName} with {other ?? "nothing"} instead of {typeof(TResult)}."),
            };
        }
    }
}
