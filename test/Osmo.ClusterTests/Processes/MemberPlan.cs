using Osmo.Testing;

namespace Osmo.ClusterTests.Processes;

/// <summary>How the processes of a cluster are started.</summary>
/// <param name="LogFolder">Where each one's output goes; null: nowhere.</param>
/// <param name="Common">Settings of all silos and gateways.</param>
internal sealed record MemberPlan(string? LogFolder, IReadOnlyList<string> Common)
{
    public Member Silo(int number, Place place, string configuration)
    {
        var health = FreePort.Next();
        return Member(MemberKind.Silo, number, place, Programs.Silo, health,
        [
            $"--Osmo:Silo:SiloPort={FreePort.Next()}", $"--Osmo:Silo:GatewayPort={FreePort.Next()}", $"--Osmo:Silo:AdvertisedAddress={place.Address}",
            $"--Osmo:Silo:Configuration={configuration}", $"--Osmo:Process:ManagementEndpoint={place.Address}:{health}", .. Common,
        ]);
    }

    public Member Gateway(int number, Place place, int port, int health) => Member(MemberKind.Gateway, number, place, Programs.Gateway, health,
    [
        $"--Osmo:Gateway:ListenUrl=http://{place.Address}:{port}", $"--Osmo:Process:ManagementEndpoint={place.Address}:{health}", .. Common,
    ]);

    public Member Operator(int number, Place place, Uri service, string backend, string kubeConfig)
    {
        var health = FreePort.Next();
        return Member(MemberKind.Operator, number, place, Programs.Operator, health,
        [
            "--service", service.ToString(), "--backend", backend, "--namespace", QuickNodes.Namespace, "--user", "osmo-operator", "--kubeconfig", kubeConfig,
            "--health-port", $"{health}", "--api-qps", "1000", "--api-burst", "1000",
        ]);
    }

    private Member Member(MemberKind kind, int number, Place place, string program, int health, IReadOnlyList<string> arguments) =>
        new(kind, number, place, program, health, arguments, LogFolder is null ? null : Path.Combine(LogFolder, $"{kind.ToString().ToLowerInvariant()}-{number}.log"));
}
