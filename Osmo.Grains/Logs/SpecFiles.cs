using System.Text;
using Osmo.Storage.Objects;
using Osmo.Workflows.Documents;

namespace Osmo.Grains.Logs;

/// <summary>The specification as others may read it, beside the files of the log (contract: lifecycle §17, workflow-spec §11.1).</summary>
internal static class SpecFiles
{
    public static async Task Write(IObjectStore objects, string workflowId, SpecDocument spec)
    {
        await Put("workflow_spec.yaml", ShownSpec.Of(spec, template: false));
        if (spec.Template is not null)
        {
            await Put("templated_workflow_spec.yaml", ShownSpec.Of(spec, template: true));
        }

        Task Put(string name, string? text) => text is null
            ? Task.CompletedTask
            : objects.Write($"{workflowId}/{name}", new MemoryStream(Encoding.UTF8.GetBytes(text), writable: false));
    }
}
