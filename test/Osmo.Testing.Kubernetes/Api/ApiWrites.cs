using System.Globalization;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;

namespace Osmo.Testing.Kubernetes.Api;

/// <summary>Create, replace, patch and delete with the rules of a real API server, as far as an operator meets them.</summary>
public sealed partial class ApiWrites(ApiStorage storage)
{
    private const string ForegroundFinalizer = "foregroundDeletion";
    private const long UsualGracePeriod = 30;

    /// <summary>Says why an object is refused on its way in (quota, webhook); null admits it.</summary>
    public Func<JsonObject, ApiException?>? Admission { get; set; }

    /// <exception cref="ApiException">It is refused.</exception>
    public StoredObject Create(Resource resource, string? @namespace, JsonObject document)
    {
        var metadata = document["metadata"] as JsonObject ?? throw ApiException.BadRequest("metadata is missing");
        if ((string?)document["kind"] is { } kind && kind != resource.Kind)
        {
            throw ApiException.BadRequest($"{kind} in version \"{resource.Version}\" cannot be handled as a {resource.Kind}");
        }

        var name = (string?)metadata["name"] ?? (string?)metadata["generateName"] + Guid.NewGuid().ToString("N")[..5];
        var key = new ObjectKey(resource, @namespace, name);
        Check(key, document);
        if (Admission?.Invoke(document) is { } refusal)
        {
            throw refusal;
        }

        (document["apiVersion"], document["kind"]) = (resource.ApiVersion, resource.Kind);
        (metadata["name"], metadata["uid"]) = (name, Guid.NewGuid().ToString());
        metadata["creationTimestamp"] = Now();
        metadata.Remove("deletionTimestamp");
        if (@namespace is not null)
        {
            metadata["namespace"] = @namespace;
        }

        if (resource == Resource.Pods)
        {
            document["status"] ??= new JsonObject { ["phase"] = "Pending" };
            document["spec"]!["terminationGracePeriodSeconds"] ??= UsualGracePeriod;
        }

        return storage.Insert(key, document);
    }

    /// <exception cref="ApiException">It is refused.</exception>
    public StoredObject Replace(ObjectKey key, JsonObject wanted) => VanishIfFree(storage.Update(key, current =>
    {
        if ((string?)wanted["metadata"]?["resourceVersion"] is { } version && version != (string?)current["metadata"]!["resourceVersion"])
        {
            throw ApiException.Conflict(key);
        }

        foreach (var fixedField in (ReadOnlySpan<string>)["uid", "creationTimestamp", "deletionTimestamp", "deletionGracePeriodSeconds"])
        {
            wanted["metadata"]![fixedField] = current["metadata"]![fixedField]?.DeepClone();
        }

        var content = wanted.DeepClone().AsObject();
        current.Clear();
        foreach (var (field, value) in content)
        {
            current[field] = value?.DeepClone();
        }
    }));

    /// <exception cref="ApiException">It is refused.</exception>
    public StoredObject Patch(ObjectKey key, string contentType, JsonObject patch) => contentType switch
    {
        "application/merge-patch+json" => VanishIfFree(storage.Update(key, document => MergePatch.Apply(document, patch))),
        "application/strategic-merge-patch+json" => VanishIfFree(storage.Update(key, document => MergePatch.ApplyStrategic(document, patch))),
        _ => throw new ApiException(415, "UnsupportedMediaType", $"the body of the request was in an unknown format - {contentType}"),
    };

    /// <param name="gracePeriod">Seconds; null for the object's own.</param>
    /// <returns>The last state while something still holds the object; null when it is gone.</returns>
    /// <exception cref="ApiException">There is no such object.</exception>
    public StoredObject? Delete(ObjectKey key, long? gracePeriod, bool isForeground)
    {
        var marked = storage.Update(key, document =>
        {
            var metadata = document["metadata"]!.AsObject();
            var grace = GracePeriod(key, document, gracePeriod);
            var isMarked = metadata["deletionTimestamp"] is not null;
            if (isMarked && grace >= (long?)metadata["deletionGracePeriodSeconds"])
            {
                return false;
            }

            metadata["deletionTimestamp"] = Text(storage.Time.GetUtcNow().AddSeconds(grace));
            metadata["deletionGracePeriodSeconds"] = grace;
            if (isForeground && !isMarked)
            {
                var finalizers = metadata["finalizers"] as JsonArray ?? (JsonArray)(metadata["finalizers"] = new JsonArray());
                finalizers.Add(ForegroundFinalizer);
            }

            return true;
        });
        CollectGarbage(key);
        return storage.Find(key) is { } left && left.Uid == marked.Uid ? left : null;
    }

    /// <summary>The processes of a pod have ended: its grace period is over.</summary>
    public void EndGrace(ObjectKey key)
    {
        storage.Update(key, document => document["metadata"]!["deletionGracePeriodSeconds"] = 0);
        CollectGarbage(key);
    }

    /// <summary>Nothing here has dependents, so foreground deletion waits for nobody.</summary>
    private void CollectGarbage(ObjectKey key) => VanishIfFree(storage.Update(key, document =>
        document["metadata"]!["finalizers"] is JsonArray finalizers
        && finalizers.FirstOrDefault(item => (string?)item == ForegroundFinalizer) is { } own
        && finalizers.Remove(own)));

    private StoredObject VanishIfFree(StoredObject item)
    {
        storage.Remove(item.Key, IsFree);
        return item;
    }

    private static bool IsFree(StoredObject item)
    {
        var metadata = item.ToJson()["metadata"]!;
        return metadata["deletionTimestamp"] is not null
            && (metadata["finalizers"] as JsonArray ?? []).Count == 0
            && (long?)metadata["deletionGracePeriodSeconds"] is null or 0;
    }

    /// <summary>Only pods on a node, that have not ended, have processes to wait for.</summary>
    private static long GracePeriod(ObjectKey key, JsonObject document, long? asked)
    {
        var phase = (string?)document["status"]?["phase"];
        return key.Resource != Resource.Pods || document["spec"]?["nodeName"] is null || phase is "Succeeded" or "Failed"
            ? 0
            : asked ?? (long?)document["spec"]?["terminationGracePeriodSeconds"] ?? UsualGracePeriod;
    }

    private void Check(ObjectKey key, JsonObject document)
    {
        if (!DnsName().IsMatch(key.Name))
        {
            throw ApiException.Invalid(key, $"metadata.name: Invalid value: \"{key.Name}\": a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.'");
        }

        if (key.Namespace is { } @namespace && storage.Find(new ObjectKey(Resource.Namespaces, null, @namespace)) is null)
        {
            throw new ApiException(404, "NotFound", $"namespaces \"{@namespace}\" not found");
        }

        if (key.Resource == Resource.Pods)
        {
            CheckPod(key, document);
        }
    }

    private static void CheckPod(ObjectKey key, JsonObject document)
    {
        if ((document["spec"]?["containers"] as JsonArray ?? []).Count == 0)
        {
            throw ApiException.Invalid(key, "spec.containers: Required value");
        }

        foreach (var list in (ReadOnlySpan<string>)["containers", "volumes"])
        {
            var names = (document["spec"]![list] as JsonArray ?? []).Select(item => (string?)item?["name"]).ToList();
            if (names.GroupBy(name => name).FirstOrDefault(group => group.Count() > 1) is { } twice)
            {
                throw ApiException.Invalid(key, $"spec.{list}[{names.LastIndexOf(twice.Key)}].name: Duplicate value: \"{twice.Key}\"");
            }
        }
    }

    private string Now() => Text(storage.Time.GetUtcNow());

    private static string Text(DateTimeOffset time) => time.UtcDateTime.ToString("yyyy-MM-ddTHH:mm:ssZ", CultureInfo.InvariantCulture);

    [GeneratedRegex(@"\A[a-z0-9]([-a-z0-9.]{0,251}[a-z0-9])?\z", RegexOptions.CultureInvariant)]
    private static partial Regex DnsName();
}
