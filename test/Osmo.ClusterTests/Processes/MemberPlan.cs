using Osmo.Testing;

namespace Osmo.ClusterTests.Processes;

/// <summary>How the processes of a cluster are started.</summary>
/// <param name="LogFolder">Where each one's output goes; null: nowhere.</param>
/// <param name="Common">Settings of all silos and gateways.</param>
internal sealed record MemberPlan(string? LogFolder, IReadOnlyList<string> Common)
{
    public Member Silo(int number, string configuration)
    {
        var health = FreePort.Next();
        return Member(MemberKind.Silo, number, Programs.Silo, health,
        [
            $"--Osmo:Silo:SiloPort={FreePort.Next()}", $"--Osmo:Silo:GatewayPort={FreePort.Next()}", "--Osmo:Silo:AdvertisedAddress=127.0.0.1",
            $"--Osmo:Silo:Configuration={configuration}", $"--Osmo:Process:ManagementEndpoint=127.0.0.1:{health}", .. Common,
        ]);
    }

    public Member Gateway(int number, int port, int health) => Member(MemberKind.Gateway, number, Programs.Gateway, health,
    [
        $"--Osmo:Gateway:ListenUrl=http://127.0.0.1:{port}", $"--Osmo:Process:ManagementEndpoint=127.0.0.1:{health}", .. Common,
    ]);

    public Member Operator(int number, Uri service, string backend, string kubeConfig)
    {
        var health = FreePort.Next();
        return Member(MemberKind.Operator, number, Programs.Operator, health,
        [
            "--service", service.ToString(), "--backend", backend, "--namespace", QuickNodes.Namespace, "--user", "osmo-operator", "--kubeconfig", kubeConfig,
            "--health-port", $"{health}", "--api-qps", "1000", "--api-burst", "1000",
        ]);
    }

    private Member Member(MemberKind kind, int number, string program, int health, IReadOnlyList<string> arguments) =>
        new(kind, number, program, health, arguments, LogFolder is null ? null : Path.Combine(LogFolder, $"{kind.ToString().ToLowerInvariant()}-{number}.log"));
}
