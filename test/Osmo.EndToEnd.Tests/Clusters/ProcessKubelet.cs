using System.Text.Json.Nodes;
using Microsoft.Extensions.Logging.Abstractions;
using Osmo.BackendOperator.Cluster;
using Osmo.BackendOperator.Kubernetes;
using Osmo.BackendOperator.Local;
using Osmo.Testing.Kubernetes;
using Osmo.Testing.Kubernetes.Api;

namespace Osmo.EndToEnd.Tests.Clusters;

/// <summary>
/// Scheduler and kubelet of a fake API server: pods that are created there run as processes of this machine, and their states are told there.
/// </summary>
internal sealed class ProcessKubelet : IAsyncDisposable
{
    public const string Node = "this-machine";

    private readonly FakeKubernetes _server;
    private readonly string _namespace;
    private readonly LocalCluster _machine;
    private readonly CancellationTokenSource _end = new();
    private readonly Task _running;

    public ProcessKubelet(FakeKubernetes server, string @namespace, string folder)
    {
        (_server, _namespace) = (server, @namespace);
        _machine = new LocalCluster(
            new LocalClusterOptions
            {
                DataDirectory = folder,
                SupervisorCommand = [Path.Combine(Path.GetDirectoryName(Installation.Standalone)!, "Osmo.Runtime"), "pod"],
                NodeName = Node,
                CpusMin = 64,
            },
            TimeProvider.System,
            NullLogger<LocalCluster>.Instance);
        _machine.Start();
        _running = Task.WhenAll(FollowServer(), FollowMachine());
    }

    public async ValueTask DisposeAsync()
    {
        await _end.CancelAsync();
        await _running.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        await _machine.StopAsync();
        await _machine.DisposeAsync();
        _end.Dispose();
    }

    private async Task FollowServer()
    {
        await foreach (var change in _server.Storage.Watch(0, _end.Token)!.ReadAllAsync(_end.Token))
        {
            var kind = change.Object.Key.Resource;
            if (kind == Resource.Pods || kind == Resource.Secrets)
            {
                await Take(change);
            }
        }
    }

    private async Task Take(Change change)
    {
        var document = change.Object.ToJson();
        // Only the API server waits for finalizers; here the processes decide.
        document["metadata"]!.AsObject().Remove("finalizers");
        var @object = KubernetesObject.From(document);
        switch (change.Type)
        {
            case "ADDED":
                Assert.IsType<ApiResult<KubernetesObject>.Ok>(await _machine.CreateAsync(@object, _end.Token));
                break;
            case "DELETED":
                await _machine.DeleteAsync(@object.Ref, DeleteOptions.Force, _end.Token);
                break;
            default:
                if (@object.Metadata.DeletionGracePeriodSeconds is { } grace)
                {
                    await _machine.DeleteAsync(@object.Ref, new DeleteOptions { GracePeriod = TimeSpan.FromSeconds(grace) }, _end.Token);
                }

                break;
        }
    }

    private async Task FollowMachine()
    {
        await foreach (var change in _machine.WatchAsync(ObjectKind.Pod, _namespace, "0", _end.Token))
        {
            if (change is not WatchEvent.Changed { Object: var pod, Type: var type })
            {
                continue;
            }

            var key = new ObjectKey(Resource.Pods, _namespace, pod.Metadata.Name);
            if (_server.Storage.Find(key) is null)
            {
                continue;
            }

            if (type == ChangeType.Deleted)
            {
                _server.Writes.EndGrace(key);
            }
            else
            {
                Tell(key, pod);
            }
        }
    }

    private void Tell(ObjectKey key, KubernetesObject pod) => _server.Storage.Update(key, document =>
    {
        var local = pod.ToJson();
        var (status, node) = (local["status"], local["spec"]!["nodeName"]);
        var isNews = !JsonNode.DeepEquals(document["status"], status) || !JsonNode.DeepEquals(document["spec"]!["nodeName"], node);
        (document["status"], document["spec"]!["nodeName"]) = (status?.DeepClone(), node?.DeepClone());
        return isNews;
    });
}
