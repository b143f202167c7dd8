using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;
using Osmo.Workflows.Specification.Schema;

namespace Osmo.Workflows.Specification;

/// <summary>
/// The language as JSON Schema (draft 2020-12) for editors, made from the same shapes that read it, so the two cannot disagree. What a
/// schema cannot say (references between tasks, reserved names) is left to validation.
/// </summary>
public static class SpecJsonSchema
{
    private static readonly JsonSerializerOptions Indented =
        new() { WriteIndented = true, Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping, NewLine = "\n" };

    /// <summary>The text of <c>docs/schema/workflow.schema.json</c>.</summary>
    public static string Write()
    {
        var definitions = new JsonObject();
        var workflow = WorkflowShape.Workflow.Describe(definitions);
        var schema = new JsonObject
        {
            ["$schema"] = "https://json-schema.org/draft/2020-12/schema",
            ["title"] = "OSMO workflow",
            ["type"] = "object",
            ["properties"] = new JsonObject
            {
                [SpecSections.WorkflowKey] = workflow,
                [SpecSections.DefaultValuesKey] = new JsonObject
                {
                    ["type"] = new JsonArray("object", "null"),
                    ["description"] = "Default values of template variables.",
                },
                [SpecSections.VersionKey] = new JsonObject { ["const"] = 2, ["description"] = "Version of the language." },
            },
            ["required"] = new JsonArray(SpecSections.WorkflowKey),
            ["additionalProperties"] = false,
            ["$defs"] = definitions,
        };
        return schema.ToJsonString(Indented) + "\n";
    }
}
