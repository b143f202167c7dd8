using System.Globalization;
using System.Text.Json.Nodes;
using Osmo.Workflows.Specification;
using Osmo.Workflows.Templates;

namespace Osmo.Workflows.Objects;

/// <summary>The user's container, started through <c>osmo_exec</c> (contract: backend-protocol §12, runtime-protocol §3.2).</summary>
internal static class UserContainer
{
    public static JsonObject Build(TaskContext task, TaskFiles files, TemplateValues variables) => new()
    {
        ["name"] = task.ContainerName,
        ["image"] = task.Spec.Image,
        ["imagePullPolicy"] = "Always",
        ["securityContext"] = new JsonObject { ["privileged"] = task.Spec.Privileged },
        ["command"] = PodJson.Texts(["/osmo/bin/osmo_exec"]),
        ["args"] = PodJson.Texts(Arguments(task)),
        ["env"] = new JsonArray([.. Environment(task, variables)]),
        ["volumeMounts"] = new JsonArray(
        [
            PodJson.Mount("osmo", "/osmo/bin/osmo_exec", "osmo/osmo_exec", readOnly: true),
            PodJson.Mount("osmo-data", "/osmo/data/socket", "socket"),
            PodJson.Mount("osmo-data", "/osmo/data/input", "input"),
            PodJson.Mount("osmo-data", "/osmo/data/output", "output"),
            PodJson.Mount("osmo-data", "/osmo/data/benchmarks", "benchmarks"),
            PodJson.Mount("osmo-login", "/osmo/login/config", "user/config"),
            PodJson.Mount("osmo-usr-bin", "/osmo/usr/bin", readOnly: true),
            PodJson.Mount("osmo-run", "/osmo/run"),
            .. files.User.Select(file => file.Mount()),
            .. HostMounts.Of(task.Spec).Select(mount => mount.Mount()),
        ]),
    };

    private static IEnumerable<string> Arguments(TaskContext task)
    {
        foreach (var checkpoint in task.Spec.Checkpoint)
        {
            var path = checkpoint.Path.StartsWith('/') ? checkpoint.Path : $"/{checkpoint.Path}";
            var seconds = ((long)checkpoint.Frequency.TotalSeconds).ToString(CultureInfo.InvariantCulture);
            yield return "-checkpoint";
            yield return $"{path};{checkpoint.Url};{seconds};{checkpoint.Regex}";
        }

        foreach (var argument in (string[])["-socketPath", "/osmo/data/socket/data.sock", "-userBinPath", "/osmo/usr/bin", .. Rsync(task)])
        {
            yield return argument;
        }

        foreach (var word in task.Spec.Command)
        {
            yield return "-commands";
            yield return word;
        }

        foreach (var argument in task.Spec.Args)
        {
            yield return "-args";
            yield return argument;
        }
    }

    private static string[] Rsync(TaskContext task)
    {
        var rsync = task.Group.Workflow.PluginsConfig.Rsync;
        if (!rsync.Enabled)
        {
            return [];
        }

        string[] arguments =
        [
            "-enableRsync",
            "-rsyncReadLimit", rsync.ReadBandwidthLimit.ToString(CultureInfo.InvariantCulture),
            "-rsyncWriteLimit", rsync.WriteBandwidthLimit.ToString(CultureInfo.InvariantCulture),
        ];
        var allowed = rsync.AllowedPaths.Select(path => $"{path.Key}:{path.Value.Path}:{Text(path.Value.Writable)}");
        return rsync.AllowedPaths.IsEmpty ? arguments : [.. arguments, "-rsyncPathAllowList", string.Join(',', allowed)];
    }

    private static IEnumerable<JsonObject> Environment(TaskContext task, TemplateValues variables)
    {
        var groupUuid = task.Group.Group.Uuid;
        foreach (var (name, value) in task.Spec.Environment)
        {
            yield return PodJson.Env(name, value);
        }

        foreach (var use in task.Spec.Credentials.OfType<CredentialUse.AsEnvironment>())
        {
            foreach (var (name, key) in use.Variables)
            {
                yield return PodJson.EnvFromSecret(name, ObjectNames.UserSecrets(groupUuid), $"{use.Credential}.{key}");
            }
        }

        yield return PodJson.ConfigDirectory(groupUuid);
        if (ResourceVariables.Gpus(variables).IsZero)
        {
            // Images that ask for all GPUs would see those of other tasks on the node.
            yield return PodJson.Env("NVIDIA_VISIBLE_DEVICES", "");
        }
    }

    private static string Text(bool value) => value ? "true" : "false";
}
