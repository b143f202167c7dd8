using System.Collections.Immutable;
using System.Text.Json.Nodes;
using Osmo.Workflows.Configuration;
using Osmo.Workflows.Specification;

namespace Osmo.Workflows.Objects;

/// <summary>The files a pod gets injected, and which container sees which (contract: backend-protocol §12, runtime-protocol §2.1, §18).</summary>
internal sealed record TaskFiles
{
    private const string OutputFolder = "/osmo/data/output/";

    public required ImmutableArray<InjectedFile> Init { get; init; }

    public required ImmutableArray<InjectedFile> Control { get; init; }

    public required ImmutableArray<InjectedFile> User { get; init; }

    /// <summary>Each Secret once.</summary>
    public IEnumerable<InjectedFile> Distinct => User.Concat(Control).Concat(Init).DistinctBy(file => file.Name);

    public static TaskFiles Of(TaskContext task)
    {
        var group = task.Group;
        var groupUuid = group.Group.Uuid;
        var login = InjectedFile.Stable("/osmo/login.yaml", YamlText.Of(Login(task)), LoginKey(task), groupUuid);
        var userConfig = InjectedFile.OfText("/osmo/user_config.yaml", YamlText.Of(StorageFile(group.Request.Credentials.Data)), groupUuid);
        var serviceConfig = InjectedFile.OfText(
            "/osmo/service_config.yaml", YamlText.Of(StorageFile(group.Workflow.WorkflowData.Credential is { } data ? [data] : [])), groupUuid);
        var metadata = InjectedFile.OfText("/osmo/data/default_metadata.yaml", YamlText.Of(Metadata(task)), groupUuid);
        var refreshToken = InjectedFile.Stable(
            "/osmo/.refresh_token", task.Attempt.RefreshToken.Reveal(), $"{task.Plan.Uuid}-refresh-token", groupUuid);
        ImmutableArray<InjectedFile> user =
        [
            .. task.Spec.Files.Select(file => InjectedFile.OfSpec(file, groupUuid)),
            .. task.Spec.Credentials.OfType<CredentialUse.AsFiles>().SelectMany(use => CredentialFiles(use, group, groupUuid)),
        ];
        return new TaskFiles
        {
            Init = [login, userConfig],
            Control = [.. user.Where(file => file.Path.StartsWith(OutputFolder, StringComparison.Ordinal)), userConfig, serviceConfig, metadata, refreshToken],
            User = user,
        };
    }

    /// <summary>
    /// A retried pod must not read the login of the first, which names the first attempt, and an existing Secret is never replaced: so each retry has its own
    /// (contract: runtime-protocol §2.1 QUIRK).
    /// </summary>
    private static string LoginKey(TaskContext task) =>
        task.Attempt.RetryId == 0 ? $"{task.Plan.Uuid}-login" : $"{task.Plan.Uuid}-login-{task.Attempt.RetryId}";

    private static JsonObject Login(TaskContext task)
    {
        var plan = task.Group.Plan;
        var url = task.Group.Service.BaseUrl;
        if (task.Attempt.IdToken is not { } idToken)
        {
            return new JsonObject { ["dev_login"] = new JsonObject { ["username"] = plan.User }, ["url"] = url };
        }

        var query = $"workflow_id={Uri.EscapeDataString(plan.WorkflowId)}&group_name={Uri.EscapeDataString(task.Group.Group.Name)}"
            + $"&task_name={Uri.EscapeDataString(task.Plan.Name)}&retry_id={task.Attempt.RetryId}";
        return new JsonObject
        {
            ["token_login"] = new JsonObject
            {
                ["id_token"] = idToken.Reveal(),
                ["refresh_url"] = $"{url}/api/auth/jwt/refresh_token?{query}",
                ["refresh_token"] = task.Attempt.RefreshToken.Reveal(),
            },
            ["url"] = url,
            ["osmo_token"] = true,
            ["username"] = plan.User,
        };
    }

    /// <summary>Only static credentials: for a missing entry the storage library uses its own credential chain (contract: runtime-protocol §18 QUIRK).</summary>
    private static JsonObject StorageFile(ImmutableArray<StorageCredential> credentials)
    {
        var entries = new JsonObject();
        foreach (var credential in credentials.Where(credential => credential.IsStatic))
        {
            if (StorageProfile.Of(credential.Endpoint) is not { } profile)
            {
                continue;
            }

            var entry = new JsonObject
            {
                ["access_key_id"] = credential.AccessKeyId,
                ["access_key"] = credential.AccessKey!.Value.Reveal(),
                ["endpoint"] = profile,
            };
            AddIfGiven(entry, "region", credential.Region);
            AddIfGiven(entry, "override_url", credential.OverrideUrl);
            AddIfGiven(entry, "addressing_style", credential.AddressingStyle);
            entries[profile] = entry;
        }

        return new JsonObject { ["auth"] = new JsonObject { ["data"] = entries } };
    }

    private static JsonObject Metadata(TaskContext task) => new()
    {
        ["default"] = new JsonObject
        {
            ["input_data"] = new JsonArray([.. task.Spec.Inputs.Select(input => JsonValue.Create(TaskData.InputUrl(task, input)))]),
            ["wfid"] = task.Group.Plan.WorkflowId,
            ["created_by"] = task.Group.Plan.User,
        },
    };

    private static IEnumerable<InjectedFile> CredentialFiles(CredentialUse.AsFiles use, GroupContext group, string groupUuid) =>
        GenericCredential(group, use.Credential)
            .Select(pair => InjectedFile.OfText($"{use.Directory.TrimEnd('/')}/{pair.Key}", pair.Value.Reveal(), groupUuid));

    public static ImmutableSortedDictionary<string, Secret> GenericCredential(GroupContext group, string name) =>
        group.Request.Credentials.Generic.GetValueOrDefault(name) ?? throw new GroupBuildException($"Could not find the credential: {name}.");

    private static void AddIfGiven(JsonObject entry, string key, string? value)
    {
        if (value is not null)
        {
            entry[key] = value;
        }
    }
}
