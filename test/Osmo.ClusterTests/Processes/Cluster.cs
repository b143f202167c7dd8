using System.Net;
using Osmo.Testing;

namespace Osmo.ClusterTests.Processes;

/// <summary>A whole cluster on this machine: PostgreSQL, silos, gateways with a balancer in front of them, operators, and the machine as a backend.</summary>
internal sealed class Cluster : IAsyncDisposable
{
    private const string DatabaseName = "osmo";

    private readonly PostgresServer _postgres;
    private readonly S3Server? _s3;
    private readonly LocalBackend? _backend;
    private readonly Balancer _balancer;

    private Cluster(PostgresServer postgres, S3Server? s3, string folder, Balancer balancer, ClusterPlan plan)
    {
        (_postgres, _s3, Folder, _balancer, Network) = (postgres, s3, folder, balancer, plan.Network);
        _backend = plan.HasLocalBackend ? new LocalBackend(folder, balancer.Url) : null;
    }

    public string Folder { get; }

    public Network Network { get; }

    /// <summary>Where users and operators connect to.</summary>
    public Uri Url => _balancer.Url;

    /// <summary>Npgsql keywords of the database.</summary>
    public string Database => $"Host={_postgres.Host};Port={_postgres.Port};Username=osmo;Database={DatabaseName}";

    /// <summary>Where logs are archived.</summary>
    public required string Objects { get; init; }

    public required IReadOnlyList<Member> Silos { get; init; }

    public required IReadOnlyList<Member> Gateways { get; init; }

    public required IReadOnlyList<Member> Operators { get; init; }

    /// <summary>What the operators' pods run on; by number, as the operators.</summary>
    public required IReadOnlyList<QuickNodes> Nodes { get; init; }

    public IEnumerable<Member> Members => Silos.Concat(Gateways).Concat(Operators);

    /// <summary>Starts everything, and waits until the backends are known.</summary>
    public static async Task<Cluster> Start(ClusterPlan plan)
    {
        var network = plan.Network;
        var postgres = await PostgresServer.Start(network.Database.Address);
        var folder = Directory.CreateTempSubdirectory("osmo-cluster-").FullName;
        var (silos, gateways, operators) = (await Places(MemberKind.Silo, plan.Silos), await Places(MemberKind.Gateway, plan.Gateways), await Places(MemberKind.Operator, plan.Operators));
        var ports = gateways.Select(_ => (Listens: FreePort.Next(), Health: FreePort.Next())).ToList();
        var balancer = new Balancer(network.Front, [.. gateways.Zip(ports, (place, port) => (new IPEndPoint(place.Address, port.Listens), port.Health))]);
        var configuration = ServiceConfiguration.Write(folder, balancer.Url, plan.Operators);
        await postgres.CreateDatabase(DatabaseName);
        var nodes = await Task.WhenAll(Enumerable.Range(1, plan.Operators).Select(number => QuickNodes.Start(folder, QuickPool(number), network.Kubernetes)));
        var s3 = plan is { HasS3: true, Objects: null } && S3Server.SkipReason is null ? await S3Server.Start(network.Database.Address) : null;
        var objects = plan.Objects ?? s3?.Address ?? $"file:{folder}/objects";
        var members = new MemberPlan(plan.LogFolder,
        [
            $"--Osmo:Storage:Database={postgres.Address(DatabaseName)}", $"--Osmo:Storage:Objects={objects}", "--Osmo:Process:DrainDelay=00:00:01", .. plan.Settings,
            .. s3 is null ? [] : (string[])[$"--Osmo:Storage:ObjectsAccessKey={S3Server.AccessKey}", $"--Osmo:Storage:ObjectsSecretKey={S3Server.SecretKey}"],
        ]);
        var cluster = new Cluster(postgres, s3, folder, balancer, plan)
        {
            Objects = objects,
            Silos = [.. silos.Select((place, index) => members.Silo(index + 1, place, configuration))],
            Gateways = [.. gateways.Select((place, index) => members.Gateway(index + 1, place, ports[index].Listens, ports[index].Health))],
            Operators = [.. nodes.Select((node, index) => members.Operator(index + 1, operators[index], balancer.Url, QuickPool(index + 1), node.KubeConfig))],
            Nodes = nodes,
        };
        try
        {
            await cluster.StartMembers();
            return cluster;
        }
        catch (Exception error)
        {
            var explained = cluster.Explained(error);
            await cluster.DisposeAsync();
            throw explained;
        }

        async Task<List<Place>> Places(MemberKind kind, int count)
        {
            var places = new List<Place>();
            for (var number = 1; number <= count; number++)
            {
                places.Add(await network.Add(kind, number));
            }

            return places;
        }
    }

    /// <summary>The pool of an operator, and its backend.</summary>
    public static string QuickPool(int number) => $"quick-{number}";

    /// <summary>A failure together with what the processes have said last.</summary>
    public Exception Explained(Exception failure) =>
        new InvalidOperationException($"{failure.Message}\n{string.Join('\n', Members.Select(member => member.Tail))}", failure);

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
        if (_s3 is not null)
        {
            await _s3.DisposeAsync();
        }

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
