using System.Text.Json;
using System.Text.Json.Nodes;
using Osmo.Workflows.Configuration;

namespace Osmo.Standalone;

/// <summary>What options of the command line decide, the file of <c>--configuration</c> may repeat but not contradict: it would be overruled in silence.</summary>
internal static class FileConflicts
{
    private static readonly JsonDocumentOptions Form = new() { CommentHandling = JsonCommentHandling.Skip, AllowTrailingCommas = true };

    /// <exception cref="StandaloneException">The file says otherwise; the message says what, and which option decides it.</exception>
    public static void Check(StandaloneOptions options)
    {
        if (options.Configuration is not { } file || Read(file) is not { } said)
        {
            return;
        }

        var scheduler = options.Scheduler.SchedulerType == SchedulerType.Kai ? "kai" : "default";
        Check("--task-url", options.TaskUrl, "service", "service_base_url");
        Check("--scheduler", scheduler, "backends", StandaloneConfiguration.Backend, "scheduler_settings", "scheduler_type");

        void Check(string option, string decided, params ReadOnlySpan<string> path)
        {
            JsonNode? value = said;
            foreach (var name in path)
            {
                value = (value as JsonObject)?[name];
            }

            if (value is not null && value.ToString() != decided)
            {
                throw new StandaloneException(
                    $"--configuration ({file}): {string.Join('.', path)} is '{value}', but {option} decides it, and says '{decided}' (with --operator external it can say otherwise). Leave it out of the file.");
            }
        }
    }

    /// <summary>Null when it is no JSON; the silo says so in its own words.</summary>
    private static JsonNode? Read(string file)
    {
        try
        {
            return JsonNode.Parse(File.ReadAllText(file), documentOptions: Form);
        }
        catch (Exception error) when (error is JsonException or IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }
}
