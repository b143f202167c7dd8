using Osmo.Testing;

namespace Osmo.ClusterTests.Processes;

/// <summary>A whole cluster on this machine: PostgreSQL, silos, gateways with a balancer in front of them, operators, and the machine as a backend.</summary>
internal sealed class Cluster : IAsyncDisposable
{
    private const string DatabaseName = "osmo";

    private readonly PostgresServer _postgres;
    private readonly LocalBackend? _backend;
    private readonly Balancer _balancer;

    private Cluster(PostgresServer postgres, string folder, Balancer balancer, ClusterPlan plan)
    {
        (_postgres, Folder, _balancer) = (postgres, folder, balancer);
        _backend = plan.HasLocalBackend ? new LocalBackend(folder, balancer.Url) : null;
    }

    public string Folder { get; }

    /// <summary>Where users and operators connect to.</summary>
    public Uri Url => _balancer.Url;

    /// <summary>Npgsql keywords of the database.</summary>
    public string Database => $"Host=127.0.0.1;Port={_postgres.Port};Username=osmo;Database={DatabaseName}";

    public required IReadOnlyList<Member> Silos { get; init; }

    public required IReadOnlyList<Member> Gateways { get; init; }

    public required IReadOnlyList<Member> Operators { get; init; }

    /// <summary>What the operators' pods run on; by number, as the operators.</summary>
    public required IReadOnlyList<QuickNodes> Nodes { get; init; }

    public IEnumerable<Member> Members => Silos.Concat(Gateways).Concat(Operators);

    /// <summary>Starts everything, and waits until the backends are known.</summary>
    public static async Task<Cluster> Start(ClusterPlan plan)
    {
        var postgres = await PostgresServer.Start();
        var folder = Directory.CreateTempSubdirectory("osmo-cluster-").FullName;
        var gateways = Enumerable.Range(0, plan.Gateways).Select(_ => (Port: FreePort.Next(), Health: FreePort.Next())).ToList();
        var balancer = new Balancer(gateways);
        var configuration = ServiceConfiguration.Write(folder, balancer.Url, plan.Operators);
        await postgres.CreateDatabase(DatabaseName);
        var nodes = await Task.WhenAll(Enumerable.Range(1, plan.Operators).Select(number => QuickNodes.Start(folder, QuickPool(number))));
        var members = new MemberPlan(plan.LogFolder,
        [
            $"--Osmo:Storage:Database={postgres.Address(DatabaseName)}", $"--Osmo:Storage:Objects=file:{folder}/objects", "--Osmo:Process:DrainDelay=00:00:01", .. plan.Settings,
        ]);
        var cluster = new Cluster(postgres, folder, balancer, plan)
        {
            Silos = [.. Enumerable.Range(1, plan.Silos).Select(number => members.Silo(number, configuration))],
            Gateways = [.. gateways.Select((ports, index) => members.Gateway(index + 1, ports.Port, ports.Health))],
            Operators = [.. nodes.Select((node, index) => members.Operator(index + 1, balancer.Url, QuickPool(index + 1), node.KubeConfig))],
            Nodes = nodes,
        };
        try
        {
            await cluster.StartMembers();
            return cluster;
        }
        catch
        {
            await cluster.DisposeAsync();
            throw;
        }
    }

    /// <summary>The pool of an operator, and its backend.</summary>
    public static string QuickPool(int number) => $"quick-{number}";

    /// <param name="patience">How long one request may take; null: as long as a test may.</param>
    public User User(TimeSpan? patience = null) => new(Url, patience ?? Member.Patience);

    public async ValueTask DisposeAsync()
    {
        if (_backend is not null)
        {
            await _backend.DisposeAsync();
        }

        foreach (var member in Members.Reverse())
        {
            await member.DisposeAsync();
        }

        foreach (var nodes in Nodes)
        {
            await nodes.DisposeAsync();
        }

        await _balancer.DisposeAsync();
        await _postgres.DisposeAsync();
        Directory.Delete(Folder, recursive: true);
    }

    private async Task StartMembers()
    {
        // All at once: the first one makes the schema, the others wait for it.
        foreach (var member in Members)
        {
            member.Start();
        }

        await Task.WhenAll(Members.Select(member => member.Ready()));
        await (_backend?.Start() ?? Task.CompletedTask);
        using var user = User();
        var backends = Operators.Count + (_backend is null ? 0 : 1);
        await Eventually.Holds(async () => await user.Resources() >= backends, () => "Not every backend has reported its node.", Member.Patience);
    }
}
