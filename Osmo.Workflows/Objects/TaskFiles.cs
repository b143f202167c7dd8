using System.Collections.Immutable;
using Osmo.Workflows.Configuration;
using Osmo.Workflows.Specification;

namespace Osmo.Workflows.Objects;

/// <summary>
/// The files a pod gets injected, and which container sees which (contract: backend-protocol §12, runtime-protocol §2.1, §18).
/// </summary>
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
        var login = InjectedFile.Stable("/osmo/login.yaml", PodDocuments.Login(task), LoginKey(task), groupUuid);
        var metadata = InjectedFile.OfText("/osmo/data/default_metadata.yaml", PodDocuments.Metadata(task), groupUuid);
        var refreshToken = InjectedFile.Stable(
            "/osmo/.refresh_token", task.Attempt.RefreshToken.Reveal(), $"{task.Plan.Uuid}-refresh-token", groupUuid);
        ImmutableArray<InjectedFile> user =
        [
            .. task.Spec.Files.Select(file => InjectedFile.OfSpec(file, groupUuid)),
            .. task.Spec.Credentials.OfType<CredentialUse.AsFiles>().SelectMany(use => CredentialFiles(use, group, groupUuid)),
        ];
        return new TaskFiles
        {
            Init = [login, group.UserConfig],
            Control =
            [
                .. user.Where(file => file.Path.StartsWith(OutputFolder, StringComparison.Ordinal)),
                group.UserConfig, group.ServiceConfig, metadata, refreshToken,
            ],
            User = user,
        };
    }

    /// <summary>
    /// A retried pod must not read the login of the first, which names the first attempt, and an existing Secret is never replaced: so each
    /// retry has its own (contract: runtime-protocol §2.1 QUIRK).
    /// </summary>
    private static string LoginKey(TaskContext task) =>
        task.Attempt.RetryId == 0 ? $"{task.Plan.Uuid}-login" : $"{task.Plan.Uuid}-login-{task.Attempt.RetryId}";

    private static IEnumerable<InjectedFile> CredentialFiles(CredentialUse.AsFiles use, GroupContext group, string groupUuid) =>
        GenericCredential(group, use.Credential)
            .Select(pair => InjectedFile.OfText($"{use.Directory.TrimEnd('/')}/{pair.Key}", pair.Value.Reveal(), groupUuid));

    public static ImmutableSortedDictionary<string, Secret> GenericCredential(GroupContext group, string name) =>
        group.Request.Credentials.Generic.GetValueOrDefault(name)
            ?? throw new GroupBuildException($"Could not find the credential: {name}.");
}
