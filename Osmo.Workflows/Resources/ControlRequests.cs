using System.Text.Json;
using System.Text.Json.Nodes;
using Osmo.Workflows.Configuration;
using Osmo.Workflows.Objects;
using Osmo.Workflows.Quantities;
using Osmo.Workflows.Specification;
using Osmo.Workflows.Templates;

namespace Osmo.Workflows.Resources;

/// <summary>What <c>osmo-ctrl</c> takes from a node for every task: cores, bytes, bytes (contract: config §11).</summary>
public sealed record ControlRequests(decimal Cpu, decimal Memory, decimal Storage)
{
    private const decimal Gi = 1L << 30;

    /// <summary>Where the template declares no resources for the container.</summary>
    public static ControlRequests Undeclared { get; } = new(0.25m, Gi, 3 * Gi);

    /// <summary>
    /// The requests of the platform's template, rendered with the default variables alone; what cannot be read counts nothing.
    /// </summary>
    public static ControlRequests Of(PlatformModel platform, ITemplateRenderer renderer, TemplateLimits limits)
    {
        if (PodTemplateFacts.ControlResources(platform.PodTemplate) is not { } resources)
        {
            return Undeclared;
        }

        var variables = ResourceVariables.Of(new ResourceSpec(), null, platform.Variables);
        var requests = resources["requests"] as JsonObject;
        return new ControlRequests(Amount("cpu", 0), Amount("memory", 0), Amount("ephemeral-storage", Gi));

        decimal Amount(string name, decimal missing) => requests?[name] switch
        {
            null => missing,
            JsonValue value => KubernetesQuantity.TryParse(Rendered(value), out var amount) ? amount : 0,
            _ => 0,
        };

        string? Rendered(JsonValue value) => value.GetValueKind() != JsonValueKind.String ? value.ToJsonString()
            : renderer.Render(value.GetValue<string>(), variables, limits) is TemplateResult.Rendered rendered ? rendered.Text
            : null;
    }
}
