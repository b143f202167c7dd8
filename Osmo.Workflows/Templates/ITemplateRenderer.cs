namespace Osmo.Workflows.Templates;

/// <summary>
/// Renders one template text, sandboxed and bounded. Used for workflow specifications, pod templates and resource rules
/// (contract: workflow-spec §3, §4). Implementations are pure: the same arguments give the same result, apart from the limits.
/// </summary>
public interface ITemplateRenderer
{
    TemplateResult Render(string template, TemplateValues variables, TemplateLimits limits);
}

/// <summary>What one render may use (contract: workflow-spec §3.4).</summary>
public sealed record TemplateLimits
{
    /// <summary><c>jinja_sandbox_max_time</c>: wall clock per render.</summary>
    public TimeSpan MaxTime { get; init; } = TimeSpan.FromSeconds(0.5);

    /// <summary><c>jinja_sandbox_memory_limit</c>: bytes that values and output of one render may hold.</summary>
    public long MaxMemory { get; init; } = 100 * 1024 * 1024;

    public static TemplateLimits Default { get; } = new();
}
