using System.Collections.Immutable;
using Osmo.Workflows.Configuration;
using Osmo.Workflows.Yaml;

namespace Osmo.Workflows.Objects;

/// <summary>The YAML files that a pod's own programs read (contract: runtime-protocol §2.1, §18).</summary>
internal static class PodDocuments
{
    /// <summary><c>login.yaml</c>: <c>osmo</c> inside the task acts as the submitting user.</summary>
    public static string Login(TaskContext task)
    {
        var plan = task.Group.Plan;
        var url = task.Group.Service.BaseUrl;
        if (task.Attempt.IdToken is not { } idToken)
        {
            return YamlWriter.Write(Map(("dev_login", Map(("username", Text(plan.User)))), ("url", Text(url))));
        }

        var query = $"workflow_id={Uri.EscapeDataString(plan.WorkflowId)}&group_name={Uri.EscapeDataString(task.Group.Group.Name)}"
            + $"&task_name={Uri.EscapeDataString(task.Plan.Name)}&retry_id={task.Attempt.RetryId}";
        return YamlWriter.Write(Map(
            ("token_login", Map(
                ("id_token", Text(idToken.Reveal())),
                ("refresh_url", Text($"{url}/api/auth/jwt/refresh_token?{query}")),
                ("refresh_token", Text(task.Attempt.RefreshToken.Reveal())))),
            ("url", Text(url)),
            ("osmo_token", new YamlValue.Bool(true)),
            ("username", Text(plan.User))));
    }

    /// <summary>
    /// <c>config.yaml</c> of the storage library. Only static credentials: for a missing entry the library uses its own credential chain
    /// (contract: runtime-protocol §18 QUIRK).
    /// </summary>
    public static string Storage(ImmutableArray<StorageCredential> credentials)
    {
        var entries = YamlValue.Map.Empty;
        foreach (var credential in credentials)
        {
            if (credential.IsStatic && StorageProfile.Of(credential.Endpoint) is { } profile)
            {
                entries = entries.With(profile, Entry(credential, profile));
            }
        }

        return YamlWriter.Write(Map(("auth", Map(("data", entries)))));
    }

    /// <summary><c>default_metadata.yaml</c>.</summary>
    public static string Metadata(TaskContext task) => YamlWriter.Write(Map(
        ("default", Map(
            ("input_data", new YamlValue.List([.. task.Spec.Inputs.Select(input => Text(TaskData.InputUrl(task, input)))])),
            ("wfid", Text(task.Group.Plan.WorkflowId)),
            ("created_by", Text(task.Group.Plan.User))))));

    private static YamlValue.Map Entry(StorageCredential credential, string profile)
    {
        var entry = Map(
            ("access_key_id", Text(credential.AccessKeyId!)),
            ("access_key", Text(credential.AccessKey!.Value.Reveal())),
            ("endpoint", Text(profile)));
        (string Key, string? Value)[] optional =
            [("region", credential.Region), ("override_url", credential.OverrideUrl), ("addressing_style", credential.AddressingStyle)];
        return optional.Aggregate(entry, (map, pair) => pair.Value is null ? map : map.With(pair.Key, Text(pair.Value)));
    }

    private static YamlValue.Map Map(params ReadOnlySpan<(string Key, YamlValue Value)> entries)
    {
        var map = YamlValue.Map.Empty;
        foreach (var (key, value) in entries)
        {
            map = map.With(key, value);
        }

        return map;
    }

    private static YamlValue.Text Text(string text) => new(text);
}
