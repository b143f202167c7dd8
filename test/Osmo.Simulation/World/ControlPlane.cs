using Microsoft.Extensions.DependencyInjection;
using Osmo.Embedded.Simulation;
using Osmo.Grains;
using Osmo.Grains.Identity;
using Osmo.Grains.Interfaces;
using Osmo.Grains.Notifications;
using Osmo.Silo;
using Osmo.Simulation.Faults;
using Osmo.Simulation.Record;
using Osmo.Simulation.Storage;
using Osmo.Storage.Database;
using Osmo.Storage.Queries;
using Osmo.Testing;

namespace Osmo.Simulation.World;

/// <summary>The control plane: the real grains over the real storage code in a process that can die at any step, and is started again.</summary>
internal sealed class ControlPlane(SimulatedScheduler scheduler, Disk disk, RunRecord record, FaultRates rates, Dice dice, Seams seams) : IDisposable
{
    private static readonly TimeSpan LongestDowntime = TimeSpan.FromSeconds(20);

    private readonly SimulatedProcess _machine = scheduler.NewProcess("machine");
    private SimulatedDatabase? _database;
    private int _starts;

    /// <summary>Null while it is down.</summary>
    public SimulatedSilo? Silo { get; private set; }

    public IWorkflowQueries Queries { get; private set; } = null!;

    public int Crashes { get; private set; }

    /// <summary>Told after each crash.</summary>
    public Action? OnCrash { get; set; }

    public void Start()
    {
        var process = scheduler.NewProcess($"silo {++_starts}");
        _database = new SimulatedDatabase(disk, process, rates, dice);
        var store = seams.Store(new SimulatedStateStore(new RowStore(_database), _database, rates, dice), process);
        Queries = seams.Queries(new WorkflowQueries(_database));
        Silo = SimulatedSilo.Create(
            process,
            options => options.AddGrains(typeof(GrainStorageNames).Assembly),
            services => seams.Services(services)
                .AddSingleton(store)
                .AddSingleton(Queries)
                .AddSingleton(seams.Objects(new SimulatedObjects(disk.Objects, rates, dice)))
                .AddSingleton<INotifier>(new MailServer(record, rates, dice))
                .AddSingleton<IIdentitySource>(new DrawnIdentity(dice))
                .AddGrainServices());
        _ = process.Start(() => Run(Silo));
    }

    /// <summary>The process is gone, with everything it had in memory, and comes back after a while.</summary>
    public void Crash()
    {
        if (Silo is null) return;

        Crashes++;
        Kill();
        OnCrash?.Invoke();
        _ = _machine.Start(async () =>
        {
            await _machine.Pause(dice.Between(TimeSpan.Zero, LongestDowntime));
            Start();
        });
    }

    /// <summary>The process is gone, and stays away until it is started.</summary>
    public void Kill()
    {
        if (Silo is not { } silo) return;

        Silo = null;
        silo.Process.Kill();
        _database!.Die();
        silo.Dispose();
    }

    public void Dispose() => Kill();

    /// <summary>What a host does: hosted services, then the watch over deadlines. When that fails the process ends.</summary>
    private async Task Run(SimulatedSilo silo)
    {
        try
        {
            await silo.Start();
            await silo.Grains.GetGrain<IWakeGrain>(IWakeGrain.Key).Start();
        }
        catch (Exception e) when (Transience.Is(e))
        {
            _ = _machine.Start(() =>
            {
                if (Silo == silo) Crash();
                return Task.CompletedTask;
            });
        }
    }

    private sealed class DrawnIdentity(Dice dice) : IIdentitySource
    {
        public string NewUuid() => dice.Uuid();

        public byte[] NewSecret(int bytes) => dice.Bytes(bytes);

        /// <summary>Not a key: grains only keep it.</summary>
        public byte[] NewSigningKey() => dice.Bytes(32);
    }
}
