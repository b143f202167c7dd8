using System.Globalization;
using System.Numerics;
using System.Text.Json;
using System.Text.Json.Nodes;
using Osmo.Workflows.Configuration;
using Osmo.Workflows.Templates;

namespace Osmo.Workflows.Objects;

/// <summary>Renders every text of an administrator's pod or group template (contract: backend-protocol §11 "Pod templates").</summary>
internal sealed class ObjectTemplate(ITemplateRenderer renderer, TemplateValues variables, TemplateLimits limits, string place)
{
    private const string ListPrefix = "ARRAY:[";

    public JsonObject Render(JsonElement template) => Render(JsonObject.Create(template) ?? []);

    /// <summary>What the configuration allows one render to use.</summary>
    public static TemplateLimits Limits(WorkflowConfig workflow) => new()
    {
        MaxTime = TimeSpan.FromSeconds(workflow.UserWorkflowLimits.JinjaSandboxMaxTime),
        MaxMemory = workflow.UserWorkflowLimits.JinjaSandboxMemoryLimit,
    };

    private JsonObject Render(JsonObject template)
    {
        var rendered = new JsonObject();
        foreach (var (key, value) in template)
        {
            rendered[Text(key)] = RenderNode(value);
        }

        return rendered;
    }

    private JsonNode? RenderNode(JsonNode? node) => node switch
    {
        JsonObject map => Render(map),
        JsonArray list => new JsonArray([.. list.Select(RenderNode)]),
        JsonValue value when value.GetValueKind() == JsonValueKind.String => TextOrList(Text(value.GetValue<string>())),
        _ => node?.DeepClone(),
    };

    private string Text(string template) => renderer.Render(template, variables, limits) switch
    {
        TemplateResult.Rendered rendered => rendered.Text,
        TemplateResult.Failed failed =>
            throw new GroupBuildException($"Jinja substitution failure: {failed.Message} in '{template}' of {place}"),
        var other => throw new InvalidOperationException($"Unknown template result {other.GetType().Name}."),
    };

    private static JsonNode TextOrList(string text)
    {
        if (!text.StartsWith(ListPrefix, StringComparison.Ordinal) || !text.EndsWith(']'))
        {
            return JsonValue.Create(text);
        }

        var items = text[ListPrefix.Length..^1].Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries);
        return new JsonArray([.. items.Select(item => JsonValue.Create(item))]);
    }
}

/// <summary>Configuration values as template values.</summary>
internal static class TemplateJson
{
    public static TemplateValue Value(JsonElement element) => element.ValueKind switch
    {
        JsonValueKind.String => new TemplateValue.Text(element.GetString()!),
        JsonValueKind.True or JsonValueKind.False => new TemplateValue.Bool(element.GetBoolean()),
        JsonValueKind.Number => Number(element.GetRawText()),
        JsonValueKind.Array => new TemplateValue.List([.. element.EnumerateArray().Select(Value)]),
        JsonValueKind.Object => new TemplateValue.Map([.. element.EnumerateObject().Select(Entry)]),
        _ => TemplateValue.None.Instance,
    };

    private static KeyValuePair<TemplateValue, TemplateValue> Entry(JsonProperty member) =>
        new(new TemplateValue.Text(member.Name), Value(member.Value));

    private static TemplateValue Number(string text) =>
        BigInteger.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var whole)
        ? new TemplateValue.Int(whole)
        : new TemplateValue.Float(double.Parse(text, NumberStyles.Float, CultureInfo.InvariantCulture));
}
