using System.Text.Json;
using Osmo.Testing;

namespace Osmo.ClusterTests.Processes;

/// <summary>A whole cluster on this machine: PostgreSQL, silos, gateways with a balancer in front of them, and the machine as the backend.</summary>
internal sealed class Cluster : IAsyncDisposable
{
    private readonly PostgresServer _postgres;
    private readonly LocalBackend _backend;

    private Cluster(PostgresServer postgres, string folder, IReadOnlyList<Member> silos, IReadOnlyList<Member> gateways, Balancer balancer, LocalBackend backend)
    {
        (_postgres, Folder, Silos, Gateways, Balancer, _backend) = (postgres, folder, silos, gateways, balancer, backend);
    }

    public string Folder { get; }

    public IReadOnlyList<Member> Silos { get; }

    public IReadOnlyList<Member> Gateways { get; }

    public Balancer Balancer { get; }

    /// <summary>Starts everything, and waits until the backend is known.</summary>
    /// <param name="settings">For all silos and gateways, such as <c>--Osmo:Cluster:MissedProbes=5</c>.</param>
    public static async Task<Cluster> Start(int silos, int gateways, params IEnumerable<string> settings)
    {
        var postgres = await PostgresServer.Start();
        var folder = Directory.CreateTempSubdirectory("osmo-cluster-").FullName;
        var gatewayPorts = Enumerable.Range(0, gateways).Select(_ => FreePort.Next()).ToList();
        var balancer = new Balancer(gatewayPorts);
        var configuration = WriteConfiguration(folder, balancer.Url);
        await postgres.CreateDatabase("osmo");
        string[] common =
        [
            $"--Osmo:Storage:Database={postgres.Address("osmo")}", $"--Osmo:Storage:Objects=file:{folder}/objects", "--Osmo:Process:DrainDelay=00:00:01", .. settings,
        ];
        var cluster = new Cluster(
            postgres,
            folder,
            [.. Enumerable.Range(1, silos).Select(number => Silo(number, configuration, common))],
            [.. gatewayPorts.Select((port, index) => Gateway(index + 1, port, common))],
            balancer,
            new LocalBackend(folder, balancer.Url));
        try
        {
            await cluster.StartMembers();
            await cluster._backend.Start();
            using var user = cluster.User();
            await Eventually.Holds(user.SeesResources, () => "The backend has not reported its node.", Member.Patience);
            return cluster;
        }
        catch
        {
            await cluster.DisposeAsync();
            throw;
        }
    }

    public User User() => new(Balancer.Url);

    public async ValueTask DisposeAsync()
    {
        await _backend.DisposeAsync();
        foreach (var member in Gateways.Concat(Silos))
        {
            await member.DisposeAsync();
        }

        await Balancer.DisposeAsync();
        await _postgres.DisposeAsync();
        Directory.Delete(Folder, recursive: true);
    }

    private async Task StartMembers()
    {
        // All at once: the first one makes the schema, the others wait for it.
        foreach (var member in Silos.Concat(Gateways))
        {
            member.Start();
        }

        await Task.WhenAll(Silos.Concat(Gateways).Select(member => member.Ready()));
    }

    private static Member Silo(int number, string configuration, string[] common)
    {
        var management = FreePort.Next();
        return new Member($"silo {number}", Programs.Silo, management,
        [
            $"--Osmo:Silo:SiloPort={FreePort.Next()}", $"--Osmo:Silo:GatewayPort={FreePort.Next()}", "--Osmo:Silo:AdvertisedAddress=127.0.0.1",
            $"--Osmo:Silo:Configuration={configuration}", $"--Osmo:Process:ManagementEndpoint=127.0.0.1:{management}", .. common,
        ]);
    }

    private static Member Gateway(int number, int port, string[] common)
    {
        var management = FreePort.Next();
        return new Member($"gateway {number}", Programs.Gateway, management,
        [
            $"--Osmo:Gateway:ListenUrl=http://127.0.0.1:{port}", $"--Osmo:Process:ManagementEndpoint=127.0.0.1:{management}", .. common,
        ]);
    }

    /// <summary>What this cluster wants otherwise than the defaults: where tasks dial, where their data goes, and no gang scheduler.</summary>
    private static string WriteConfiguration(string folder, Uri url)
    {
        var file = Path.Combine(folder, "configuration.json");
        File.WriteAllText(file, JsonSerializer.Serialize(new
        {
            service = new { service_base_url = url.ToString().TrimEnd('/') },
            workflow = new { workflow_data = new { credential = new { endpoint = new Uri($"{folder}/task-data").AbsoluteUri } } },
            backends = new { @default = new { scheduler_settings = new { scheduler_type = "default", scheduler_name = "default-scheduler" } } },
        }));
        return file;
    }
}
