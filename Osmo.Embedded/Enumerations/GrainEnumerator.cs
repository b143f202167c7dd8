using Osmo.Embedded.Calls;

namespace Osmo.Embedded.Enumerations;

/// <summary>The caller's side of one enumeration: asks the grain for the elements that are ready, and hands them out one by one.</summary>
internal sealed class GrainEnumerator<T> : IAsyncEnumerator<T>
{
    private readonly GrainReference _grain;
    private readonly EnumerationSession<T> _session;
    private readonly int _maxBatchSize;
    private readonly CancellationTokenSource? _either;
    private readonly CancellationToken _cancellation;
    private readonly List<T> _batch = [];
    private int _index = -1;
    private bool _opened;
    private bool _ended;

    public GrainEnumerator(GrainReference grain, EnumerableCall<T> call, int maxBatchSize, CancellationToken cancellation)
    {
        _grain = grain;
        _session = new EnumerationSession<T>(call);
        _maxBatchSize = maxBatchSize;
        if (call.Token.CanBeCanceled && cancellation.CanBeCanceled && call.Token != cancellation)
        {
            _either = CancellationTokenSource.CreateLinkedTokenSource(call.Token, cancellation);
            _cancellation = _either.Token;
        }
        else
        {
            _cancellation = cancellation.CanBeCanceled ? cancellation : call.Token;
        }
    }

    public T Current => _index >= 0 && _index < _batch.Count ? _batch[_index] : throw new InvalidOperationException("There is no current element.");

    public ValueTask<bool> MoveNextAsync()
    {
        if (_index + 1 < _batch.Count)
        {
            _index++;
            return new ValueTask<bool>(true);
        }

        if (!_ended) return Pull();

        Forget();
        return new ValueTask<bool>(false);
    }

    public async ValueTask DisposeAsync()
    {
        _ended = true;
        Forget();
        await CloseSession();
        _either?.Dispose();
    }

    private void Forget()
    {
        _batch.Clear();
        _index = -1;
    }

    private async ValueTask<bool> Pull()
    {
        try
        {
            _cancellation.ThrowIfCancellationRequested();
            Forget();
            var pull = new EnumerationPull<T>(_session, _batch, _maxBatchSize);
            await using (_cancellation.UnsafeRegister(static (pull, token) => ((EnumerationPull<T>)pull!).Cancel(token), pull))
            {
                var activation = _opened ? _session.Activation! : _grain.Activation;
                _opened = true;
                pull.PostTo(activation);
                _ended = !await pull.Promise;
            }
        }
        catch
        {
            _ended = true;
            await CloseSession();
            throw;
        }

        if (_batch.Count == 0) return false;

        _index = 0;
        return true;
    }

    private Task CloseSession()
    {
        if (!_opened || _session.Activation is not { } activation) return Task.CompletedTask;

        var close = new CloseTurn(_session);
        activation.Post(close);
        return close.Done;
    }
}
