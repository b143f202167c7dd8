using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Osmo.BackendOperator.Cluster;
using Osmo.BackendOperator.Tests.Local;
using Osmo.Protocol.Backend;

namespace Osmo.BackendOperator.Tests;

/// <summary>Everything together, as the standalone hosts it: a pod made by a job is reported to its end.</summary>
public sealed class HostingTests
{
    [Fact]
    public async Task Host_JobCreatesPod_ItsEndIsReported()
    {
        await using var controlPlane = await ScriptedControlPlane.StartAsync();
        var directory = Directory.CreateTempSubdirectory("osmo-host").FullName;
        var builder = Host.CreateEmptyApplicationBuilder(null);
        builder.Services.AddLogging(logging => logging.ClearProviders());
        await using (var machine = LocalMachine.ApiOnly())
        {
            builder.Services.AddOsmoLocalCluster(machine.Options with { DataDirectory = directory });
        }

        builder.Services.AddOsmoBackendOperator(_ => controlPlane.Options);
        using (var host = builder.Build())
        {
            await host.StartAsync();
            var pods = await controlPlane.ConnectionAsync("listener/pod");
            var worker = await controlPlane.ConnectionAsync("worker");
            var init = await pods.ReceiveInitAsync();
            Assert.Equal(init, await worker.ReceiveInitAsync());
            var uid = await host.Services.GetRequiredService<ICluster>().GetClusterUidAsync(default);
            Assert.Equal(uid, new ApiResult<string>.Ok(init.K8sUid));

            var document = Pods.Running("p", "exit 5");
            document["metadata"]!["labels"] = new System.Text.Json.Nodes.JsonObject { ["osmo.workflow_uuid"] = "w", ["osmo.task_uuid"] = "t" };
            await worker.SendAsync(
                WorkerFrame.EncodeJob(new System.Text.Json.Nodes.JsonObject
                {
                    ["job_type"] = "CreateGroup",
                    ["job_id"] = "j",
                    ["backend"] = "b1",
                    ["workflow_uuid"] = "w",
                    ["group_name"] = "g",
                    ["k8s_resources"] = new System.Text.Json.Nodes.JsonArray(document),
                }),
                System.Net.WebSockets.WebSocketMessageType.Binary);

            var failed = await pods.ReceiveAsync<BackendMessage.UpdatePod>(update => update.Status == Osmo.Protocol.Backend.PodStatus.Failed);
            Assert.Equal(("t", 5, "laptop"), (failed.TaskUuid, failed.ExitCode, failed.Node));
            await host.StopAsync();
        }

        Directory.Delete(directory, recursive: true);
    }

    [Theory]
    [InlineData("ftp://x", "b", "--service is ")]
    [InlineData("http://x", "b/../c", "--backend is ")]
    [InlineData("http://x", "", "--backend is ")]
    public void Validate_BadOption_NamesIt(string url, string backend, string setting)
    {
        var options = new BackendOperatorOptions
        {
            ServiceUrl = new Uri(url), Backend = backend, Namespace = "n", Credential = new OperatorCredential.Dev("u"),
        };

        Assert.StartsWith(setting, Assert.Throws<ArgumentException>(options.Validate).Message, StringComparison.Ordinal);
    }
}
