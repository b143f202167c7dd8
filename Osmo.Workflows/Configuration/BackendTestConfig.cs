using System.Collections.Immutable;
using System.Text.Json;
using System.Text.RegularExpressions;
using Osmo.Workflows.Quantities;

namespace Osmo.Workflows.Configuration;

/// <summary>A test that a backend's nodes must pass regularly (contract: config §3.5, backend-protocol §14).</summary>
public sealed record BackendTestConfig
{
    public required string Name { get; init; }

    public string Description { get; init; } = "";

    /// <summary>Five fields, as Kubernetes' CronJobs have them.</summary>
    public required string CronSchedule { get; init; }

    /// <summary>30 s to 24 h.</summary>
    public Duration TestTimeout { get; init; } = Duration.Parse("300s");

    /// <summary>Conditions that the test sets on each node it ran on.</summary>
    public required ImmutableArray<string> NodeConditions { get; init; }

    /// <summary>Names of pod templates; together they are the pod that tests a node.</summary>
    public required ImmutableArray<string> CommonPodTemplate { get; init; }
}

/// <param name="PodTemplate">The fold of the templates.</param>
public sealed record BackendTestModel(BackendTestConfig Config, JsonElement PodTemplate);

/// <summary>Resolves tests; what is wrong is collected.</summary>
internal static partial class BackendTestResolution
{
    private const int ConditionCharactersMax = 316;

    private static readonly TimeSpan TimeoutMin = TimeSpan.FromSeconds(30);

    private static readonly TimeSpan TimeoutMax = TimeSpan.FromHours(24);

    public static ImmutableSortedDictionary<string, BackendTestModel> Resolve(ConfigurationSnapshot snapshot, ImmutableArray<string>.Builder faults)
    {
        foreach (var (backend, config) in snapshot.Backends)
        {
            faults.AddRange(config.Tests.Where(test => !snapshot.BackendTests.ContainsKey(test)).Select(test => $"Backend test with name {test} not found"));
            if (config.Tests.Distinct(StringComparer.Ordinal).Count() < config.Tests.Length)
            {
                faults.Add($"Backend tests list contains duplicates: backend {backend}");
            }
        }

        return snapshot.BackendTests.ToImmutableSortedDictionary(test => test.Key, test => Resolve(test.Key, test.Value, snapshot, faults), StringComparer.Ordinal);
    }

    private static BackendTestModel Resolve(string test, BackendTestConfig config, ConfigurationSnapshot snapshot, ImmutableArray<string>.Builder faults)
    {
        void Check(bool isAllowed, string what)
        {
            if (!isAllowed)
            {
                faults.Add($"Backend test {test}: {what}");
            }
        }

        Check(SubdomainName().IsMatch(config.Name), $"name is '{config.Name}'; allowed are lower-case letters, digits, '-' and '.'.");
        Check(CronFields().IsMatch(config.CronSchedule), $"cron_schedule is '{config.CronSchedule}'; allowed are five fields of digits and * - , / ? L W #.");
        Check(
            config.TestTimeout.Value >= TimeoutMin && config.TestTimeout.Value <= TimeoutMax, $"test_timeout is {config.TestTimeout}; allowed is 30s to 24h.");
        Check(config.NodeConditions.Length > 0, "node_conditions is empty; at least one is needed.");
        foreach (var condition in config.NodeConditions)
        {
            Check(
                condition.Length <= ConditionCharactersMax && ConditionName().IsMatch(condition),
                $"node_conditions has '{condition}'; allowed are names of Kubernetes conditions, with at most one '/'.");
        }

        Check(config.CommonPodTemplate.Length > 0, "common_pod_template is empty; at least one is needed.");
        foreach (var missing in config.CommonPodTemplate.Where(name => !snapshot.PodTemplates.ContainsKey(name)))
        {
            faults.Add($"Pod template {missing} does not exist!");
        }

        var fragments = config.CommonPodTemplate.Where(snapshot.PodTemplates.ContainsKey).Select(name => snapshot.PodTemplates[name]);
        var model = config with { NodeConditions = [.. config.NodeConditions.Distinct(StringComparer.Ordinal)] };
        return new BackendTestModel(model, JsonSerializer.SerializeToElement(TemplateMerge.Fold(fragments)));
    }

    [GeneratedRegex(@"^[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*\z", RegexOptions.CultureInvariant)]
    private static partial Regex SubdomainName();

    [GeneratedRegex(@"^[0-9*,/?LW#-]+( [0-9*,/?LW#-]+){4}\z", RegexOptions.CultureInvariant)]
    private static partial Regex CronFields();

    [GeneratedRegex(@"^([A-Za-z0-9][-A-Za-z0-9_.]*/)?[A-Za-z0-9]([-A-Za-z0-9_.]*[A-Za-z0-9])?\z", RegexOptions.CultureInvariant)]
    private static partial Regex ConditionName();
}
