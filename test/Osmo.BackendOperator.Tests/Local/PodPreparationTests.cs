using System.Text;
using System.Text.Json;
using Osmo.BackendOperator.Kubernetes;
using Osmo.BackendOperator.Local;
using Osmo.Protocol.LocalPods;

namespace Osmo.BackendOperator.Tests.Local;

/// <summary>How a pod is mapped onto this machine; no I/O.</summary>
public sealed class PodPreparationTests
{
    private static readonly PodPaths Paths = new("/d", "01234567-89ab-cdef-0123-456789abcdef");

    [Theory]
    [InlineData("plain", "plain")]
    [InlineData("$(A)", "1")]
    [InlineData("a$(A)b$(A)", "a1b1")]
    [InlineData("$(B) $(date) $HOME ${A}", "$(B) $(date) $HOME ${A}")]
    [InlineData("$$(A)", "$(A)")]
    [InlineData("$$$$", "$$")]
    [InlineData("$", "$")]
    [InlineData("$(A", "$(A")]
    public void Expand_References_AsKubernetesDoes(string text, string expected) =>
        Assert.Equal(expected, ContainerEnvironment.Expand(text, new Dictionary<string, string> { ["A"] = "1" }));

    [Fact]
    public void Of_Environment_ResolvesEverySource()
    {
        var prepared = Prepare("""
            {"name": "user", "command": ["run", "$(C)"], "args": ["$(SECRET)"],
             "resources": {"requests": {"cpu": "1500m"}, "limits": {"memory": "1Gi"}},
             "env": [
               {"name": "A", "value": "1"}, {"name": "C", "value": "$(A)$(LATER)"}, {"name": "LATER", "value": "x"}, {"name": "EMPTY"},
               {"name": "SECRET", "valueFrom": {"secretKeyRef": {"name": "s", "key": "k"}}},
               {"name": "MAP", "valueFrom": {"configMapKeyRef": {"name": "m", "key": "k"}}},
               {"name": "NONE", "valueFrom": {"secretKeyRef": {"name": "nowhere", "key": "k", "optional": true}}},
               {"name": "NODE", "valueFrom": {"fieldRef": {"fieldPath": "spec.nodeName"}}},
               {"name": "LABEL", "valueFrom": {"fieldRef": {"fieldPath": "metadata.labels['a/b']"}}},
               {"name": "CPU", "valueFrom": {"resourceFieldRef": {"resource": "requests.cpu"}}},
               {"name": "MEMORY", "valueFrom": {"resourceFieldRef": {"resource": "limits.memory"}}}]}
            """);

        var container = Assert.Single(prepared.Manifest.Containers);
        Assert.Equal(
            "A=1 C=1$(LATER) LATER=x EMPTY= SECRET=geheim MAP=offen NODE=laptop LABEL=c CPU=2 MEMORY=1073741824",
            string.Join(' ', container.Environment.Select(entry => $"{entry.Name}={entry.Value}")));
        Assert.Equal(["run", "1$(LATER)"], container.Command.ToArray());
        Assert.Equal(["geheim"], container.Args.ToArray());
    }

    [Fact]
    public void Of_Mounts_MapsToVolumesWithSubPaths()
    {
        var prepared = Prepare("""
            {"name": "user", "volumeMounts": [
               {"name": "empty", "mountPath": "/osmo/data/output", "subPath": "output"}, {"name": "host", "mountPath": "/mnt"},
               {"name": "secret", "mountPath": "/run/file.sh", "subPath": "k"}]}
            """);

        Assert.Equal(
            [
                new MountEntry("/osmo/data/output", "/d/volumes/0123456789ab/empty/output"),
                new MountEntry("/mnt", "/srv/host"),
                new MountEntry("/run/file.sh", "/d/volumes/0123456789ab/secret/user/k"),
                new MountEntry("/dev/termination-log", "/d/pods/0123456789ab/logs/user.termination"),
            ],
            prepared.Manifest.Containers[0].Mounts.ToArray());
        // A sub-path is made by whoever fills the volume: an init container may take an existing one for its own earlier work.
        Assert.Contains("/d/volumes/0123456789ab/empty", prepared.Directories);
        Assert.DoesNotContain("/d/volumes/0123456789ab/empty/output", prepared.Directories);
    }

    [Fact]
    public void Of_SecretFiles_HaveThePathsOfTheirContainer()
    {
        var prepared = Prepare(
            """{"name": "one", "volumeMounts": [{"name": "secret", "mountPath": "/s"}, {"name": "empty", "mountPath": "/data", "subPath": "a"}]}""",
            """{"name": "two", "volumeMounts": [{"name": "secret", "mountPath": "/s"}, {"name": "empty", "mountPath": "/data", "subPath": "b"}]}""");

        string TextOf(string path) => Encoding.UTF8.GetString(Assert.Single(prepared.Files, file => file.Path == path).Content);
        Assert.Equal("cat /d/volumes/0123456789ab/empty/a/x", TextOf("/d/volumes/0123456789ab/secret/one/script"));
        Assert.Equal("cat /d/volumes/0123456789ab/empty/b/x", TextOf("/d/volumes/0123456789ab/secret/two/script"));
        Assert.Equal([0, 255, 47], Assert.Single(prepared.Files, file => file.Path == "/d/volumes/0123456789ab/secret/one/binary").Content);
    }

    [Fact]
    public void Of_FileInsideAnotherVolume_IsCopiedThereAfterTheInitContainers()
    {
        var prepared = Prepare("""
            {"name": "user", "volumeMounts": [{"name": "empty", "mountPath": "/out", "subPath": "output"}, {"name": "secret", "mountPath": "/out/a/script", "subPath": "script"}]}
            """);

        Assert.Equal(["/out", "/dev/termination-log"], prepared.Manifest.Containers[0].Mounts.Select(mount => mount.MountPath));
        Assert.Equal(
            ["/d/volumes/0123456789ab/secret/user/script", "/d/volumes/0123456789ab/empty/output/a/script"],
            Assert.Single(prepared.Manifest.InitContainers).Args.ToArray());
    }

    [Theory]
    [InlineData("""{"name": "u", "volumeMounts": [{"name": "claim", "mountPath": "/c"}]}""", "persistentVolumeClaim")]
    [InlineData("""{"name": "u", "volumeMounts": [{"name": "nowhere", "mountPath": "/c"}]}""", "nowhere")]
    [InlineData("""{"name": "u", "volumeMounts": [{"name": "empty", "mountPath": "/c", "subPath": "../../x"}]}""", "..")]
    public void Of_WhatTheMachineDoesNotOffer_IsImpossible(string container, string expected) =>
        Assert.Contains(expected, Assert.IsType<PodPreparation.Impossible>(Of(container)).Message, StringComparison.Ordinal);

    [Fact]
    public void Of_MissingReferences_Waits()
    {
        Assert.IsType<PodPreparation.WaitsForVolume>(Of("""{"name": "u", "volumeMounts": [{"name": "late", "mountPath": "/c"}]}"""));
        Assert.IsType<PodPreparation.WaitsForEnvironment>(
            Of("""{"name": "u", "env": [{"name": "A", "valueFrom": {"secretKeyRef": {"name": "s", "key": "nokey"}}}]}"""));
    }

    private static PodPreparation.Prepared Prepare(params string[] containers)
    {
        var preparation = Of(containers);
        Assert.True(preparation is PodPreparation.Prepared, preparation.ToString());
        return (PodPreparation.Prepared)preparation;
    }

    private static PodPreparation Of(params string[] containers)
    {
        var pod = KubernetesObject.From(JsonElement.Parse($$"""
            {"apiVersion": "v1", "kind": "Pod",
             "metadata": {"name": "p", "namespace": "osmo", "uid": "{{Paths.Uid}}", "labels": {"a/b": "c"} },
             "spec": {"nodeName": "laptop", "containers": [{{string.Join(',', containers)}}],
                      "volumes": [{"name": "empty"}, {"name": "also-empty", "emptyDir": {} }, {"name": "host", "hostPath": {"path": "/srv/host"} },
                                  {"name": "secret", "secret": {"secretName": "s"} }, {"name": "late", "secret": {"secretName": "nowhere"} },
                                  {"name": "claim", "persistentVolumeClaim": {"claimName": "c"} }]} }
            """)).AsPod();
        return PodPreparation.Of(pod, Paths, new KeyedValues(Find));
    }

    private static KubernetesObject? Find(ObjectKind kind, string name) => (kind.Kind, name) switch
    {
        ("Secret", "s") => KubernetesObject.From(JsonElement.Parse($$"""
            {"apiVersion": "v1", "kind": "Secret", "metadata": {"name": "s"}, "stringData": {"k": "geheim", "script": "cat /data/x"},
             "data": {"binary": "{{Convert.ToBase64String([0, 255, 47])}}"} }
            """)),
        ("ConfigMap", "m") => KubernetesObject.From(JsonElement.Parse(
            """{"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "m"}, "data": {"k": "offen"}}""")),
        _ => null,
    };
}
