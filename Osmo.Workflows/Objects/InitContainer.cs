using System.Text.Json.Nodes;

namespace Osmo.Workflows.Objects;

/// <summary>
/// <c>osmo-init</c>: puts binaries, folders and login files into the pod's volumes (contract: backend-protocol §12, runtime-protocol §2).
/// </summary>
internal static class InitContainer
{
    public static JsonObject Build(TaskContext task, TaskFiles files)
    {
        var workflow = task.Group.Workflow;
        var args = PodJson.Texts(
        [
            "--data_location", "/osmo/data",
            "--login_location", "/osmo/login",
            "--user_bin_location", "/osmo/usr/bin",
            "--run_location", "/osmo/run",
            .. workflow.PluginsConfig.Rsync.Enabled ? ["--enable_rsync"] : Array.Empty<string>(),
        ]);
        return new JsonObject
        {
            ["name"] = ObjectNames.InitContainer,
            ["image"] = workflow.BackendImages.Init,
            ["imagePullPolicy"] = "Always",
            ["command"] = PodJson.Texts(["osmo_init"]),
            ["args"] = args,
            ["resources"] = new JsonObject
            {
                ["requests"] = new JsonObject { ["cpu"] = "250m", ["ephemeral-storage"] = "1Gi" },
                ["limits"] = new JsonObject { ["cpu"] = "500m", ["ephemeral-storage"] = "1Gi" },
            },
            ["volumeMounts"] = new JsonArray(
            [
                PodJson.Mount("osmo", "/osmo_binaries"),
                PodJson.Mount("osmo-data", "/osmo/data"),
                PodJson.Mount("osmo-login", "/osmo/login"),
                PodJson.Mount("osmo-usr-bin", "/osmo/usr/bin"),
                PodJson.Mount("osmo-run", "/osmo/run"),
                .. files.Init.Select(file => file.Mount()),
            ]),
        };
    }
}
