using System.Text.Json.Nodes;

namespace Osmo.Workflows.Objects;

/// <summary>What the nodes need to pull the images of a group (contract: backend-protocol §11).</summary>
internal static class ImagePullSecrets
{
    public static IEnumerable<string> Names(GroupContext group) =>
        HasOsmoCredential(group)
            ? [ObjectNames.UserImagePullSecret(group.Group.Uuid), ObjectNames.OsmoImagePullSecret(group.Group.Uuid)]
            : [ObjectNames.UserImagePullSecret(group.Group.Uuid)];

    public static IEnumerable<JsonObject> Build(GroupContext group)
    {
        yield return SecretObjects.DockerConfig(
            ObjectNames.UserImagePullSecret(group.Group.Uuid), GroupLabels.ToObject(group.Labels), group.Request.Credentials.Registries);
        if (HasOsmoCredential(group))
        {
            yield return SecretObjects.DockerConfig(
                ObjectNames.OsmoImagePullSecret(group.Group.Uuid),
                GroupLabels.ToObject(group.Labels),
                [group.Workflow.BackendImages.Credential]);
        }
    }

    private static bool HasOsmoCredential(GroupContext group) => !group.Workflow.BackendImages.Credential.IsEmpty;
}
