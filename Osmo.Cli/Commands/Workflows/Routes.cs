namespace Osmo.Cli.Commands.Workflows;

/// <summary>Paths of the workflow routes (contract: api-rest §7); what users type is escaped, so that it stays one segment.</summary>
internal static class Routes
{
    public static string Workflow(string id) => $"api/workflow/{Uri.EscapeDataString(id)}";

    public static string Submit(string pool) => $"api/pool/{Uri.EscapeDataString(pool)}/workflow";

    public static string Restart(string pool, string id) => $"{Submit(pool)}/{Uri.EscapeDataString(id)}/restart";
}
