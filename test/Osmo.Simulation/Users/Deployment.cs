using System.Collections.Immutable;
using System.Text.Json;
using Osmo.Workflows.Configuration;
using Osmo.Workflows.Quantities;

namespace Osmo.Simulation.Users;

/// <summary>The configuration of every run: pools, each with the backend of its name, and limits short enough to be met.</summary>
internal static class Deployment
{
    /// <summary>Its operator misbehaves in runs with <see cref="Faults.FaultKind.Neighbour"/>.</summary>
    public const string Neighbour = "gamma";

    public static ImmutableArray<string> Backends { get; } = ["alpha", "beta", Neighbour];

    /// <summary>What one user may have going.</summary>
    public const int WorkflowsMax = 4;

    /// <inheritdoc cref="WorkflowsMax"/>
    public const int TasksMax = 24;

    public static ConfigurationModel Model { get; } = ConfigurationModel.Build(Create());

    public static string Json { get; } = JsonSerializer.Serialize(Create(), ConfigurationJson.Storage);

    private static ConfigurationSnapshot Create()
    {
        var standard = ConfigurationSnapshot.Default;
        var backend = new BackendConfig { SchedulerSettings = new SchedulerSettings { SchedulerType = SchedulerType.Default } };
        return standard with
        {
            Service = standard.Service with { ServiceBaseUrl = "http://127.0.0.1:8000", MaxPodRestartLimit = Duration.Parse("90s") },
            Workflow = standard.Workflow with
            {
                MaxRetryPerTask = 2,
                UserWorkflowLimits = standard.Workflow.UserWorkflowLimits with { MaxNumWorkflows = WorkflowsMax, MaxNumTasks = TasksMax },
                WorkflowAlerts = standard.Workflow.WorkflowAlerts with { SmtpSettings = new SmtpSettings { Host = "mail.example.org", Sender = "osmo@example.org" } },
                WorkflowData = standard.Workflow.WorkflowData with { Credential = new StorageCredential { Endpoint = "file:///data" } },
            },
            Backends = Backends.ToImmutableSortedDictionary(name => name, name => name == "beta" ? new BackendConfig() : backend),
            Pools = Backends.ToImmutableSortedDictionary(name => name, name => standard.Pools["default"] with
            {
                Backend = name,
                DefaultExitActions = name == "beta" ? [KeyValuePair.Create("RESCHEDULE", "3006,137")] : [],
            }),
        };
    }
}
