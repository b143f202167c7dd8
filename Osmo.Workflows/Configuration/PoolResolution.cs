using System.Collections.Immutable;
using System.Text.Json;
using System.Text.Json.Nodes;
using Osmo.Workflows.Lifecycle;
using Osmo.Workflows.Quantities;

namespace Osmo.Workflows.Configuration;

/// <summary>Resolves one pool; what is wrong is collected, not thrown, so that an administrator sees all of it at once.</summary>
internal sealed class PoolResolution(ConfigurationSnapshot snapshot, string name, ImmutableArray<string>.Builder faults)
{
    private readonly PoolConfig _pool = snapshot.Pools[name];

    public PoolModel Resolve()
    {
        var workflow = snapshot.Workflow;
        if (_pool.DefaultPlatform is { } platform && !_pool.Platforms.ContainsKey(platform))
        {
            faults.Add($"Default platform {platform} not in platforms");
        }

        var templates = PodTemplates(_pool.CommonPodTemplate);
        var validations = Validations(_pool.CommonResourceValidations);
        return new PoolModel
        {
            Name = name,
            Config = _pool,
            DownloadType = _pool.DownloadType ?? workflow.WorkflowData.DownloadType,
            DefaultExecTimeout = Timeout("default_exec_timeout", _pool.DefaultExecTimeout ?? workflow.DefaultExecTimeout),
            DefaultQueueTimeout = Timeout("default_queue_timeout", _pool.DefaultQueueTimeout ?? workflow.DefaultQueueTimeout),
            MaxExecTimeout = Timeout("max_exec_timeout", _pool.MaxExecTimeout ?? workflow.MaxExecTimeout),
            MaxQueueTimeout = Timeout("max_queue_timeout", _pool.MaxQueueTimeout ?? workflow.MaxQueueTimeout),
            DefaultExitActions = ExitActions(),
            PodTemplate = Element(TemplateMerge.Fold(templates)),
            GroupTemplates = GroupTemplates(),
            Platforms = _pool.Platforms.ToImmutableSortedDictionary(
                pair => pair.Key, pair => Platform(pair.Key, pair.Value, templates, validations)),
        };
    }

    private PlatformModel Platform(
        string platform,
        PlatformConfig config,
        ImmutableArray<JsonElement> poolTemplates,
        ImmutableArray<ResourceAssertion> poolValidations)
    {
        var template = TemplateMerge.Fold([.. poolTemplates, .. PodTemplates(config.OverridePodTemplate)]);
        var place = $"Platform {platform} of pool {name}";
        ImmutableArray<ResourceAssertion> validations = [.. poolValidations, .. Validations(config.ResourceValidations)];
        return new PlatformModel
        {
            Name = platform,
            Config = config,
            NodeSelector = PodTemplateFacts.NodeSelector(template, place, faults),
            Tolerations = PodTemplateFacts.Tolerations(template, place, faults),
            DefaultMounts = PodTemplateFacts.DefaultMounts(template),
            PodTemplate = Element(template),
            Variables = Variables(config, place),
            StaticValidations = [.. validations.Where(rule => !rule.SpeaksOfNode())],
            NodeValidations = [.. validations.Where(rule => rule.SpeaksOfNode())],
        };
    }

    /// <summary>Every group of the pool would end as soon as it begins.</summary>
    private Duration Timeout(string setting, Duration timeout)
    {
        if (timeout.Value < PoolModel.ShortestTimeout)
        {
            faults.Add($"Pool {name}: {setting} is {timeout}; it must be at least {PoolModel.ShortestTimeout.TotalSeconds}s.");
        }

        return timeout;
    }

    private ImmutableArray<JsonElement> PodTemplates(ImmutableArray<string> names) =>
        Named(names, snapshot.PodTemplates, "Pod template");

    private ImmutableArray<ResourceAssertion> Validations(ImmutableArray<string> names) =>
        [.. Named(names, snapshot.ResourceValidations, "Resource validation").SelectMany(rules => rules)];

    private ImmutableArray<T> Named<T>(ImmutableArray<string> names, ImmutableSortedDictionary<string, T> all, string kind)
    {
        var found = ImmutableArray.CreateBuilder<T>(names.Length);
        foreach (var wanted in names)
        {
            if (all.TryGetValue(wanted, out var item))
            {
                found.Add(item);
            }
            else
            {
                faults.Add($"{kind} {wanted} does not exist!");
            }
        }

        return found.DrainToImmutable();
    }

    private ImmutableArray<JsonElement> GroupTemplates()
    {
        var merged = new OrderedDictionary<(string, string, string), JsonObject>();
        foreach (var template in Named(_pool.CommonGroupTemplates, snapshot.GroupTemplates, "Group template"))
        {
            if (JsonObject.Create(template) is not { } fragment || GroupTemplateIdentity.Of(fragment, faults) is not { } identity)
            {
                continue;
            }

            if (merged.TryGetValue(identity, out var lower))
            {
                TemplateMerge.Into(lower, fragment);
            }
            else
            {
                merged.Add(identity, fragment);
            }
        }

        return [.. merged.Values.Select(Element)];
    }

    private ImmutableSortedDictionary<string, JsonElement> Variables(PlatformConfig config, string place)
    {
        var merged = JsonSerializer.SerializeToNode(_pool.CommonDefaultVariables)!.AsObject();
        TemplateMerge.Into(merged, JsonSerializer.SerializeToNode(config.DefaultVariables)!.AsObject());
        foreach (var size in (string[])["USER_MEMORY", "USER_STORAGE"])
        {
            if (merged[size] is JsonValue value && !IsSize(value))
            {
                faults.Add($"{place}: default variable {size} is {value.ToJsonString()}, which is not a size such as 1Gi.");
            }
        }

        return merged.ToImmutableSortedDictionary(pair => pair.Key, pair => Element(pair.Value), StringComparer.Ordinal);
    }

    private ImmutableArray<ExitAction> ExitActions()
    {
        var actions = ImmutableArray.CreateBuilder<ExitAction>();
        foreach (var (action, codes) in _pool.DefaultExitActions)
        {
            if (!WireEnum<ExitActionKind>.TryParse(action.ToUpperInvariant(), out var kind))
            {
                faults.Add($"Invalid exit action {action} for pool {name}.");
            }
            else if (ExitCodeRanges.TryParse(codes, out var ranges))
            {
                actions.AddRange(ranges.Select(range => new ExitAction(kind, range.First, range.Last)));
            }
            else
            {
                faults.Add($"Invalid exit codes {codes} for action {action} for pool {name}.");
            }
        }

        return actions.DrainToImmutable();
    }

    private static bool IsSize(JsonValue value) =>
        value.GetValueKind() != JsonValueKind.String || Quantity.TryParse(value.GetValue<string>(), out _) == QuantityFault.None;

    private static JsonElement Element(JsonNode? node) => JsonSerializer.SerializeToElement(node);
}
