using Osmo.Embedded.Scheduling;

namespace Osmo.Embedded.Activations;

/// <summary>A turn that the mailbox admits: a call, a timer tick, the pull of an enumeration. It may take many turns until it has ended.</summary>
internal abstract class Request : Turn
{
    private Action? _end;
    private Task? _work;

    /// <summary>Where the request was last posted to.</summary>
    public Activation? Activation { get; private set; }

    /// <summary>What its declaration says about it, for a grain class that says nothing.</summary>
    public abstract Interleaving DefaultInterleaving { get; }

    /// <summary>Decided when the activation receives the request.</summary>
    public Interleaving Interleaving { get; set; }

    /// <summary>The mailbox' list.</summary>
    public Request? NextWaiting { get; set; }

    /// <summary>False for what concerns one activation only and ends with it.</summary>
    public abstract bool MayMoveToAnotherActivation { get; }

    /// <summary>False when the request is no reason to keep the activation.</summary>
    public virtual bool CountsAsUse => true;

    /// <summary>Nobody waits for it any more; it need not start.</summary>
    public abstract bool IsMoot { get; }

    public void PostTo(Activation activation)
    {
        Activation = activation;
        activation.Post(this);
    }

    internal sealed override void Execute() => Activation!.Receive(this);

    /// <summary>Starts the request, which the mailbox has counted as running.</summary>
    public void Start()
    {
        if (IsMoot)
        {
            Activation!.Ended(this);
            return;
        }

        Task work;
        try
        {
            work = Run(Activation!);
        }
#pragma warning disable CA1031 // handed to whoever waits for the request
        catch (Exception exception)
#pragma warning restore CA1031
        {
            work = Task.FromException(exception);
        }

        if (work.IsCompleted)
        {
            Answer(work);
            Activation!.Ended(this);
            return;
        }

        _work = work;
        work.GetAwaiter().UnsafeOnCompleted(_end ??= End); // in a turn of this activation, as that is the current scheduler
    }

    /// <summary>The request will not run: its activation failed, ended, or takes no more.</summary>
    public abstract void Reject(Exception reason);

    /// <summary>Calls the grain.</summary>
    protected abstract Task Run(Activation activation);

    /// <summary>Tells whoever waits how <paramref name="work"/>, which is completed, ended.</summary>
    protected abstract void Answer(Task work);

    private void End()
    {
        Answer(_work!);
        _work = null;
        Activation!.Ended(this);
        Activation.Continue();
    }
}
