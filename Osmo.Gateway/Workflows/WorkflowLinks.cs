using System.Collections.Immutable;
using Osmo.Workflows.Configuration;
using Osmo.Workflows.Documents;

namespace Osmo.Gateway.Workflows;

/// <summary>The links in answers about a workflow (contract: api-rest §8.4 "URLs").</summary>
/// <param name="baseUrl">Without trailing slash.</param>
/// <param name="backends">Registered backends by name; without them there are no links to dashboards.</param>
internal sealed class WorkflowLinks(
    string baseUrl, ConfigurationModel configuration, ImmutableDictionary<string, BackendDocument> backends, DateTime now)
{
    /// <summary>Digits of a uuid that dashboards search by.</summary>
    private const int SearchDigits = 16;

    /// <summary>Dashboards keep this many hours.</summary>
    private const int GrafanaHoursMax = 720;

    public string Workflow(string workflowId) => $"{baseUrl}/api/workflow/{workflowId}";

    /// <summary>Where people look at the workflow; in development mode there is no page for it.</summary>
    public string Overview(string workflowId) => Workflow(workflowId);

    public string Logs(string workflowId) => $"{Workflow(workflowId)}/logs";

    public string ErrorLogs(string workflowId) => $"{Workflow(workflowId)}/error_logs";

    public string? Dashboard(string? backend, string workflowUuid) => Find(backend) is ({ DashboardUrl.Length: > 0 } config, var ns)
        ? $"{config.DashboardUrl.TrimEnd('/')}/#/search?namespace={ns}&q={workflowUuid[..SearchDigits]}"
        : null;

    public string? Dashboard(string? backend, string workflowUuid, string taskUuid) =>
        Find(backend) is ({ DashboardUrl.Length: > 0 } config, var ns)
        ? $"{config.DashboardUrl.TrimEnd('/')}/#/pod/{ns}/{TaskDocument.PodName(workflowUuid, taskUuid)}?namespace={ns}"
        : null;

    public string? Grafana(string? backend, string workflowUuid, DateTime? start, DateTime? end)
    {
        if (Find(backend) is not ({ GrafanaUrl.Length: > 0 } config, var ns))
        {
            return null;
        }

        var sinceStart = (int)Math.Ceiling((now - (start ?? now)).TotalHours);
        var sinceEnd = end is { } ended && now - ended > TimeSpan.FromMinutes(60) ? (int)Math.Floor((now - ended).TotalHours) : 0;
        var from = sinceStart < GrafanaHoursMax ? sinceStart : sinceEnd + 1;
        var to = sinceEnd == 0 ? "now" : $"now-{sinceEnd}h";
        var separator = config.GrafanaUrl.Contains('?', StringComparison.Ordinal) ? '&' : '?';
        return $"{config.GrafanaUrl}{separator}var-namespace={ns}&var-uuid={workflowUuid[..SearchDigits]}&from=now-{from}h&to={to}";
    }

    private (BackendConfig Config, string Namespace)? Find(string? name) =>
        name is not null && backends.TryGetValue(name, out var registered) ? (configuration.Backend(name), registered.Namespace) : null;
}
