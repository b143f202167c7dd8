using System.Collections.Immutable;
using Osmo.Gateway.Meta;
using Osmo.Gateway.Resources;
using Osmo.Storage.Queries;
using Osmo.Workflows.Configuration;
using Osmo.Workflows.Documents;
using Osmo.Workflows.Lifecycle;
using Osmo.Workflows.Resources;
using Osmo.Workflows.Specification;
using Osmo.Workflows.Specification.Admission;

namespace Osmo.Gateway.Workflows;

/// <summary>Gathers the facts a submission is judged by, and has it judged (contract: workflow-spec §8.4, §10.2).</summary>
internal sealed class SubmissionChecks
{
    private const decimal Kibi = 1024;
    private const decimal Gibi = 1 << 30;

    /// <summary>How old the nodes may be that a submission is accepted by. It is never rejected by old ones.</summary>
    private static readonly TimeSpan NodesAgeMax = TimeSpan.FromSeconds(2);

    private readonly WorkflowReader _workflows;
    private readonly ClusterReader _cluster;
    private readonly AdmissionCheck _admission;
    private readonly CachedRead<Nodes> _nodes;

    public SubmissionChecks(WorkflowReader workflows, ClusterReader cluster, AdmissionCheck admission, TimeProvider time)
    {
        (_workflows, _cluster, _admission) = (workflows, cluster, admission);
        _nodes = new(time, NodesAgeMax, async _ => new Nodes(await cluster.Nodes(null, null, CancellationToken.None)));
    }

    /// <summary>Null when the specification may run.</summary>
    public async Task<SpecRejection?> Reject(
        WorkflowSpec spec, SubmissionDraft draft, PoolModel pool, ConfigurationModel model, CancellationToken cancellation)
    {
        var facts = new SubmissionFacts
        {
            User = draft.Caller.User,
            Pool = pool,
            Workflow = model.Snapshot.Workflow,
            Scheduler = model.Backend(pool.Backend).SchedulerSettings,
            Priority = draft.Priority,
            IsAdministrator = draft.Caller.IsAdministrator,
            OtherTasks = await OtherTasks(spec, cancellation),
        };
        var resources = await _cluster.Model(cancellation);
        var rejection = _admission.Reject(spec, facts with { Nodes = (await _nodes.Get(cancellation)).Of(pool, resources) });
        return rejection is null
            ? null
            : _admission.Reject(spec, facts with { Nodes = (await _nodes.GetFresh(cancellation)).Of(pool, resources) });
    }

    private async Task<ImmutableDictionary<TaskOfWorkflow, TaskGroupStatus>> OtherTasks(WorkflowSpec spec, CancellationToken cancellation)
    {
        var found = ImmutableDictionary.CreateBuilder<TaskOfWorkflow, TaskGroupStatus>();
        foreach (var workflow in TaskOfWorkflow.In(spec).GroupBy(other => other.WorkflowId))
        {
            var attempts = (await _workflows.Read(workflow.Key, WorkflowDepth.LatestAttempts, cancellation))?.Tasks ?? [];
            foreach (var other in workflow)
            {
                if (attempts.FirstOrDefault(attempt => attempt.Name == other.Task) is { } attempt)
                {
                    found.Add(other, attempt.Status);
                }
            }
        }

        return found.ToImmutable();
    }

    /// <summary>Nodes as read, and per version of the configuration what they are to a pool.</summary>
    private sealed class Nodes(ImmutableArray<NodeDocument> nodes)
    {
        private readonly Lock _gate = new();
        private readonly Dictionary<PoolModel, ImmutableDictionary<string, ImmutableArray<NodeCandidate>>> _byPool =
            new(ReferenceEqualityComparer.Instance);

        public ImmutableDictionary<string, ImmutableArray<NodeCandidate>> Of(PoolModel pool, ResourceModel model)
        {
            lock (_gate)
            {
                if (!_byPool.TryGetValue(pool, out var candidates))
                {
                    _byPool.Add(pool, candidates = Candidates(pool, model));
                }

                return candidates;
            }
        }

        private ImmutableDictionary<string, ImmutableArray<NodeCandidate>> Candidates(PoolModel pool, ResourceModel model) =>
            nodes.Where(node => node.Available && node.Backend == pool.Backend)
                .Select(model.Node)
                .SelectMany(node => node.Platforms
                    .Where(platform => platform.Key.Pool == pool.Name)
                    .Select(platform => (platform.Key.Platform, Node: Candidate(node, platform.Value))))
                .GroupBy(pair => pair.Platform)
                .ToImmutableDictionary(platform => platform.Key, platform => platform.Select(pair => pair.Node).ToImmutableArray());

        private static NodeCandidate Candidate(NodeModel node, PlatformFigures figures) => new()
        {
            Name = node.Node.Hostname,
            PoolPlatforms = [.. node.Platforms.Select(platform => platform.Key.ToString())],
            Capacity = new(
                figures.WorkflowAllocatable.Cpu ?? 0,
                figures.WorkflowAllocatable.Gpu ?? 0,
                figures.WorkflowAllocatable.MemoryKi ?? 0,
                (double)((figures.WorkflowAllocatable.Storage ?? 0) / Kibi)),
            Shown = new(
                Whole(node.Allocatable.Storage / Gibi),
                Whole(node.Allocatable.Cpu),
                Whole(node.Allocatable.Memory / Gibi),
                Whole(node.Allocatable.Gpu)),
        };

        private static string Whole(decimal? amount) => decimal.Floor(amount ?? 0).ToString("0");
    }
}
