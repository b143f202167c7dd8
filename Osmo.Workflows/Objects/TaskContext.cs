using System.Collections.Immutable;
using Osmo.Workflows.Configuration;
using Osmo.Workflows.Lifecycle;
using Osmo.Workflows.Specification;

namespace Osmo.Workflows.Objects;

/// <summary>A group request with everything looked up that its parts share.</summary>
internal sealed class GroupContext
{
    public GroupContext(GroupRequest request)
    {
        Request = request;
        Group = request.Plan.Groups.FirstOrDefault(group => group.Name == request.GroupName)
            ?? throw new GroupBuildException($"Workflow {request.Plan.WorkflowId} has no group {request.GroupName}.");
        var spec = request.Spec.Groups.FirstOrDefault(group => group.Name == request.GroupName)
            ?? throw new GroupBuildException($"The specification of workflow {request.Plan.WorkflowId} has no group {request.GroupName}.");
        Pool = request.Configuration.FindPool(request.Plan.Pool) ?? throw new GroupBuildException($"Pool {request.Plan.Pool} not found.");
        Scheduler = request.Configuration.Backend(request.Plan.Backend).SchedulerSettings;
        Service = ServiceAddress.Parse(request.Configuration.Snapshot.Service.ServiceBaseUrl);
        Labels = GroupLabels.System(request.Plan, Group);
        WorkflowLabels = Prefixed(request);
        var hosts = Group.Tasks.ToDictionary(
            task => task.Name, task => ObjectNames.Host(task.Uuid, Group.Uuid, request.Namespace), StringComparer.Ordinal);
        var written = spec.Tasks.ToDictionary(task => task.Name, StringComparer.Ordinal);
        Tasks = [.. Group.Tasks.Select(task => Task(task, written, hosts))];
        UserConfig = InjectedFile.OfText("/osmo/user_config.yaml", PodDocuments.Storage(request.Credentials.Data), Group.Uuid);
        ServiceConfig = InjectedFile.OfText(
            "/osmo/service_config.yaml", PodDocuments.Storage(Workflow.WorkflowData.Credential is { } data ? [data] : []), Group.Uuid);
        Topology = IsKai
            ? TopologyTree.Build([.. Tasks.Select(task => (task.Plan.Name, task.Resource.Topology))], Pool.Config.TopologyKeys)
            : TopologyTree.None;
    }

    public GroupRequest Request { get; }

    public GroupPlan Group { get; }

    public PoolModel Pool { get; }

    public SchedulerSettings Scheduler { get; }

    public ServiceAddress Service { get; }

    /// <summary>System labels of every object.</summary>
    public ImmutableArray<KeyValuePair<string, string>> Labels { get; }

    /// <summary>The workflow's own labels, with the configured prefix.</summary>
    public ImmutableArray<KeyValuePair<string, string>> WorkflowLabels { get; }

    public ImmutableArray<TaskContext> Tasks { get; }

    public TopologyTree Topology { get; }

    /// <summary>The user's data credentials; the same file for every task.</summary>
    public InjectedFile UserConfig { get; }

    /// <summary>The credential of <c>workflow_data</c>; the same file for every task.</summary>
    public InjectedFile ServiceConfig { get; }

    public WorkflowPlan Plan => Request.Plan;

    public WorkflowConfig Workflow => Request.Configuration.Snapshot.Workflow;

    public bool IsKai => Scheduler.SchedulerType == SchedulerType.Kai;

    public bool HasPeers => Group.Tasks.Length > 1;

    public string Queue => ObjectNames.Queue(Request.Namespace, Plan.Pool);

    private TaskContext Task(TaskPlan plan, Dictionary<string, TaskSpec> specs, Dictionary<string, string> hosts)
    {
        var written = specs.GetValueOrDefault(plan.Name)
            ?? throw new GroupBuildException($"The specification of group {Group.Name} has no task {plan.Name}.");
        var resource = Request.Spec.Resources.FirstOrDefault(pair => pair.Key == written.Resource).Value
            ?? throw new GroupBuildException($"Task {plan.Name} uses resource {written.Resource}, which is not defined.");
        var platform = resource.Platform ?? Pool.Config.DefaultPlatform
            ?? throw new GroupBuildException($"Resource {written.Resource} does not have a platform!");
        return new TaskContext
        {
            Group = this,
            Plan = plan,
            Spec = TokenSubstitution.Apply(written, Plan.WorkflowId, hosts),
            Resource = resource,
            Platform = Pool.Platforms.GetValueOrDefault(platform)
                ?? throw new GroupBuildException($"Platform {platform} does not exist in pool {Pool.Name}!"),
            Attempt = Request.Attempts.GetValueOrDefault(plan.Name)
                ?? throw new GroupBuildException($"Task {plan.Name} has no attempt to build."),
        };
    }

    private static ImmutableArray<KeyValuePair<string, string>> Prefixed(GroupRequest request)
    {
        var prefix = request.Configuration.Snapshot.Workflow.LabelsConfig.PodLabelPrefix;
        return [.. request.Labels.Select(label => new KeyValuePair<string, string>(prefix + label.Key, label.Value))];
    }
}

/// <summary>One task of a group under construction.</summary>
internal sealed record TaskContext
{
    public required GroupContext Group { get; init; }

    public required TaskPlan Plan { get; init; }

    /// <summary>With its tokens substituted.</summary>
    public required TaskSpec Spec { get; init; }

    public required ResourceSpec Resource { get; init; }

    public required PlatformModel Platform { get; init; }

    public required AttemptFacts Attempt { get; init; }

    public string ContainerName => ObjectNames.Container(Plan.Name);
}
