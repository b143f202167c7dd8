using Osmo.Embedded.Simulation;
using Osmo.Simulation.Faults;

namespace Osmo.Simulation.World;

/// <summary>
/// Calls from other processes to the grains, by way of a gateway that lives and dies with the control plane. A call that is lost, there or back, is noticed as
/// a broken connection.
/// </summary>
internal sealed class Network
{
    private static readonly TimeSpan LongestDelay = TimeSpan.FromSeconds(3);
    private static readonly TimeSpan LongestSilence = TimeSpan.FromSeconds(8);

    private readonly ControlPlane _controlPlane;
    private readonly FaultRates _rates;
    private readonly Dice _dice;
    private readonly SimulatedProcess _wires;
    private readonly HashSet<PendingAnswer> _pending = [];

    public Network(SimulatedScheduler scheduler, ControlPlane controlPlane, FaultRates rates, Dice dice)
    {
        (_controlPlane, _rates, _dice) = (controlPlane, rates, dice);
        _wires = scheduler.NewProcess("wires");
        controlPlane.OnCrash += BreakAll;
    }

    public Dice Dice => _dice;

    /// <exception cref="ConnectionLostException">Nobody knows whether the call was made.</exception>
    public Task<T> Call<T>(Func<IGrainFactory, Task<T>> call)
    {
        var answer = new PendingAnswer<T>();
        _pending.Add(answer);
        if (_dice.Once(_rates.CallIsLost)) Break(answer);
        else Deliver(() => Perform(answer, call));
        return answer.Task;
    }

    public Task Call(Func<IGrainFactory, Task> call) => Call(async grains =>
    {
        await call(grains);
        return true;
    });

    /// <summary>Calls until there is an answer. The control plane may get the call more often than that.</summary>
    public async Task<T> CallUntilAnswered<T>(SimulatedProcess caller, Func<IGrainFactory, Task<T>> call)
    {
        if (_dice.Once(_rates.CallComesTwice)) Deliver(() => Perform(new PendingAnswer<T>(), call));
        while (true)
        {
            try
            {
                return await Call(call);
            }
            catch (Exception e) when (Transience.Is(e))
            {
                await caller.PauseToRetry(_dice);
            }
        }
    }

    public Task CallUntilAnswered(SimulatedProcess caller, Func<IGrainFactory, Task> call) => CallUntilAnswered(caller, async grains =>
    {
        await call(grains);
        return true;
    });

    private void Perform<T>(PendingAnswer<T> answer, Func<IGrainFactory, Task<T>> call)
    {
        if (_controlPlane.Silo is not { } silo)
        {
            Break(answer);
            return;
        }

        _ = silo.Process.Start(async () =>
        {
            try
            {
                var result = await call(silo.Grains);
                if (_dice.Once(_rates.AnswerIsLost)) Break(answer);
                else Deliver(() => Complete(answer, () => answer.Succeed(result)));
            }
            catch (Exception e)
            {
                Deliver(() => Complete(answer, () => answer.Fail(e)));
            }
        });
    }

    private void Complete(PendingAnswer answer, Action complete)
    {
        if (_pending.Remove(answer)) complete();
    }

    private void BreakAll()
    {
        foreach (var answer in _pending.ToList()) Break(answer);
    }

    private void Break(PendingAnswer answer) =>
        After(_dice.Between(TimeSpan.Zero, LongestSilence), () => Complete(answer, () => answer.Fail(new ConnectionLostException())));

    private void Deliver(Action arrive)
    {
        if (_dice.Once(_rates.CallIsLate)) After(_dice.Between(TimeSpan.Zero, LongestDelay), arrive);
        else arrive();
    }

    private void After(TimeSpan delay, Action action) => _ = _wires.Start(async () =>
    {
        await _wires.Pause(delay);
        action();
    });

    private abstract class PendingAnswer
    {
        public abstract void Fail(Exception error);
    }

    private sealed class PendingAnswer<T> : PendingAnswer
    {
        private readonly TaskCompletionSource<T> _answer = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public Task<T> Task => _answer.Task;

        public void Succeed(T result) => _answer.TrySetResult(result);

        public override void Fail(Exception error) => _answer.TrySetException(error);
    }
}
