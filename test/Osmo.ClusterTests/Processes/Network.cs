using System.Diagnostics;
using System.Net;
using Osmo.ClusterTests.Harness;

namespace Osmo.ClusterTests.Processes;

/// <summary>Where somebody is reached.</summary>
/// <param name="Namespace">The network namespace that a process has for itself; null: that of the harness.</param>
internal sealed record Place(IPAddress Address, string? Namespace = null)
{
    /// <summary>What stands before the command line of a process that shall live here. It becomes that process: the process id stays.</summary>
    public IReadOnlyList<string> Prefix => Namespace is null ? [] : ["nsenter", $"--net={Network.Folder}/{Namespace}"];
}

/// <summary>
/// What connects the processes of a run. Either they share the machine's loopback, where nothing can be cut; or (<see cref="Own"/>, only inside <see cref="Isolation"/>) each silo, gateway and
/// operator has a network namespace with a cable to a bridge. The addresses are loopback's there, too (127.77.0.0/16), as a service without authentication wants it, but they are routed over the cables.
/// </summary>
internal sealed class Network
{
    /// <summary>Of the namespaces' names.</summary>
    public const string Folder = "/run/netns";

    private const string Bridge = "osmo";

    // The first address of the bridge is the one from which the harness asks the others; nothing listens on it.
    private const string OwnAddress = "127.77.0.1", FrontAddress = "127.77.0.2", DatabaseAddress = "127.77.0.3", KubernetesAddress = "127.77.0.4";

    private const string Start =
        $"""
        set -e
        mount -t tmpfs osmo /run
        mkdir {Folder}
        echo 1 >/proc/sys/net/ipv4/conf/all/route_localnet
        ip -batch - <<END
        link set lo up
        address add 127.0.0.1/32 dev lo
        address del 127.0.0.1/8 dev lo
        link add {Bridge} type bridge
        address add {OwnAddress}/16 dev {Bridge} scope global
        address add {FrontAddress}/16 dev {Bridge} scope global
        address add {DatabaseAddress}/16 dev {Bridge} scope global
        address add {KubernetesAddress}/16 dev {Bridge} scope global
        link set {Bridge} up
        rule add pref 100 lookup local
        rule del pref 0
        END
        """;

    private const string Join =
        $"""
        set -e
        ip netns add "$1"
        ip link add "$1" type veth peer name eth0 netns "$1"
        ip link set "$1" master {Bridge} up
        nsenter --net="{Folder}/$1" sh -c 'echo 1 >/proc/sys/net/ipv4/conf/all/route_localnet'
        ip -n "$1" -batch - <<END
        link set lo up
        address add 127.0.0.1/32 dev lo
        address del 127.0.0.1/8 dev lo
        address add $2/16 dev eth0 scope global
        link set eth0 up
        rule add pref 100 lookup local
        rule del pref 0
        END
        """;

    private readonly bool _isOwn;

    private Network(bool isOwn) => _isOwn = isOwn;

    /// <summary>Everybody on 127.0.0.1.</summary>
    public static Network Shared { get; } = new(isOwn: false);

    /// <summary>The balancer in front of the gateways.</summary>
    public Place Front => At(FrontAddress);

    /// <summary>Also objects', where this run has an S3 server of its own.</summary>
    public Place Database => At(DatabaseAddress);

    /// <summary>The API servers of the operators.</summary>
    public Place Kubernetes => At(KubernetesAddress);

    public static async Task<Network> Own()
    {
        await Shell(Start);
        return new Network(isOwn: true);
    }

    /// <summary>A place for a process; the same again when it starts anew.</summary>
    public async Task<Place> Add(MemberKind kind, int number)
    {
        if (!_isOwn)
        {
            return new Place(IPAddress.Loopback);
        }

        var place = new Place(IPAddress.Parse($"127.77.{(int)kind}.{number}"), $"{kind.ToString().ToLowerInvariant()}-{number}");
        await Shell(Join, place.Namespace!, place.Address.ToString());
        return place;
    }

    /// <summary>From now on each of the two throws away what comes from the other. Nobody is told: connections stay, and are silent.</summary>
    public Task Cut(Place one, Place other) => Rule("add", one, other);

    public Task Heal(Place one, Place other) => Rule("del", one, other);

    private async Task Rule(string verb, Place one, Place other)
    {
        if (!_isOwn)
        {
            throw new InvalidOperationException("Everybody shares one network: nothing can be cut.");
        }

        await Task.WhenAll(Drop(one, other), Drop(other, one));

        // Before the rule by which a place knows its own addresses.
        Task Drop(Place from, Place at) => Shell(
            $"ip {(at.Namespace is null ? "" : $"-n {at.Namespace} ")}rule {verb} pref 10 iif {(at.Namespace is null ? Bridge : "eth0")} from {from.Address} to {at.Address} blackhole");
    }

    private Place At(string address) => new(_isOwn ? IPAddress.Parse(address) : IPAddress.Loopback);

    private static async Task Shell(string script, params string[] arguments)
    {
        using var shell = Process.Start(new ProcessStartInfo("sh", ["-c", script, "sh", .. arguments]) { RedirectStandardError = true })!;
        var complaint = await shell.StandardError.ReadToEndAsync();
        await shell.WaitForExitAsync();
        if (shell.ExitCode != 0)
        {
            throw new InvalidOperationException($"The network of this run cannot be changed: {complaint.Trim()}");
        }
    }
}
