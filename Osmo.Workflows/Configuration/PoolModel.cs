using System.Collections.Immutable;
using System.Text.Json;
using Osmo.Workflows.Lifecycle;
using Osmo.Workflows.Quantities;

namespace Osmo.Workflows.Configuration;

/// <summary>A pool with everything looked up, inherited and merged (contract: config §8, §10).</summary>
public sealed record PoolModel
{
    /// <summary>Timeouts are whole seconds, and none of them would be left (contract: lifecycle §15).</summary>
    public static readonly TimeSpan ShortestTimeout = TimeSpan.FromSeconds(1);

    public required string Name { get; init; }

    public required PoolConfig Config { get; init; }

    public required string DownloadType { get; init; }

    public required Duration DefaultExecTimeout { get; init; }

    public required Duration DefaultQueueTimeout { get; init; }

    public required Duration MaxExecTimeout { get; init; }

    public required Duration MaxQueueTimeout { get; init; }

    public required ImmutableArray<ExitAction> DefaultExitActions { get; init; }

    /// <summary>The fold of the pool's own pod templates, without any platform's.</summary>
    public required JsonElement PodTemplate { get; init; }

    /// <summary>Merged by apiVersion, kind and name, in order of first appearance.</summary>
    public required ImmutableArray<JsonElement> GroupTemplates { get; init; }

    public required ImmutableSortedDictionary<string, PlatformModel> Platforms { get; init; }

    public string Backend => Config.Backend;

    public GpuQuota Gpu => Config.Resources.Gpu ?? new GpuQuota();

    /// <summary>
    /// What a workflow gets that asks for <paramref name="requested"/>: unset or zero takes the default, and the pool's maximum caps it. Whole seconds.
    /// </summary>
    public TimeSpan ExecTimeout(TimeSpan? requested) => Capped(requested, DefaultExecTimeout, MaxExecTimeout);

    /// <inheritdoc cref="ExecTimeout"/>
    public TimeSpan QueueTimeout(TimeSpan? requested) => Capped(requested, DefaultQueueTimeout, MaxQueueTimeout);

    private static TimeSpan Capped(TimeSpan? requested, Duration standard, Duration maximum)
    {
        var wanted = requested is { } value && value > TimeSpan.Zero ? value : standard.Value;
        var capped = wanted < maximum.Value ? wanted : maximum.Value;
        return TimeSpan.FromSeconds((long)Math.Round(capped.TotalSeconds, MidpointRounding.AwayFromZero));
    }
}

/// <summary>A platform with its templates merged onto the pool's.</summary>
public sealed record PlatformModel
{
    public required string Name { get; init; }

    public required PlatformConfig Config { get; init; }

    /// <summary>The pool's templates, then the platform's; not rendered.</summary>
    public required JsonElement PodTemplate { get; init; }

    /// <summary><c>spec.nodeSelector</c> of the template: the labels a node must have.</summary>
    public required ImmutableSortedDictionary<string, string> NodeSelector { get; init; }

    public required ImmutableArray<Toleration> Tolerations { get; init; }

    /// <summary>Where the template mounts something into containers other than <c>osmo-ctrl</c>.</summary>
    public required ImmutableArray<string> DefaultMounts { get; init; }

    /// <summary>The pool's variables with the platform's merged over them.</summary>
    public required ImmutableSortedDictionary<string, JsonElement> Variables { get; init; }

    /// <summary>Rules about the request alone: the pool's, then the platform's.</summary>
    public required ImmutableArray<ResourceAssertion> StaticValidations { get; init; }

    /// <summary>Rules that one node must satisfy: the pool's, then the platform's.</summary>
    public required ImmutableArray<ResourceAssertion> NodeValidations { get; init; }
}

/// <summary>One toleration of a pod; a missing effect tolerates every effect of the key.</summary>
public sealed record Toleration(string Key, string Operator = "Equal", string? Value = null, string? Effect = null);
