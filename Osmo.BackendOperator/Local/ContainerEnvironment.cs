using System.Collections.Immutable;
using System.Text;
using Osmo.BackendOperator.Kubernetes;
using Osmo.Protocol.LocalPods;

namespace Osmo.BackendOperator.Local;

/// <summary>A container's environment as Kubernetes makes it, with <c>$(NAME)</c> references expanded.</summary>
internal static class ContainerEnvironment
{
    /// <exception cref="MissingReferenceException">A Secret or ConfigMap, or its key, is not there.</exception>
    public static ImmutableArray<EnvironmentEntry> Of(Pod pod, Container container, KeyedValues values)
    {
        var known = new Dictionary<string, string>();
        var entries = ImmutableArray.CreateBuilder<EnvironmentEntry>(container.Env.Count);
        foreach (var variable in container.Env)
        {
            var value = variable.ValueFrom is { } source ? ValueFrom(pod, container, source, values) : Expand(variable.Value ?? "", known);
            if (value is not null)
            {
                known[variable.Name] = value;
                entries.Add(new EnvironmentEntry(variable.Name, value));
            }
        }

        return entries.ToImmutable();
    }

    /// <summary>Replaces <c>$(NAME)</c> by the variable's value when there is one; <c>$$</c> stands for a plain <c>$</c>.</summary>
    public static string Expand(string text, IReadOnlyDictionary<string, string> known)
    {
        if (!text.Contains('$', StringComparison.Ordinal))
        {
            return text;
        }

        var result = new StringBuilder(text.Length);
        for (var at = 0; at < text.Length; at++)
        {
            if (text[at] != '$' || at + 1 == text.Length)
            {
                result.Append(text[at]);
            }
            else if (text[at + 1] == '$')
            {
                result.Append('$');
                at++;
            }
            else if (text[at + 1] == '('
                && text.IndexOf(')', at) is var end and > 0
                && known.TryGetValue(text[(at + 2)..end], out var value))
            {
                result.Append(value);
                at = end;
            }
            else
            {
                result.Append('$');
            }
        }

        return result.ToString();
    }

    private static string? ValueFrom(Pod pod, Container container, EnvVarSource source, KeyedValues values) => source switch
    {
        { SecretKeyRef: { } secret } => values.Text(ObjectKind.Secret, secret),
        { ConfigMapKeyRef: { } map } => values.Text(ObjectKind.ConfigMap, map),
        { FieldRef: { } field } => Field(pod, field.FieldPath),
        { ResourceFieldRef: { } resource } => Resource(pod, container, resource),
        _ => null,
    };

    private static string Field(Pod pod, string path) => path switch
    {
        "metadata.name" => pod.Metadata.Name,
        "metadata.namespace" => pod.Metadata.Namespace ?? "",
        "metadata.uid" => pod.Metadata.Uid ?? "",
        "spec.nodeName" => pod.Spec.NodeName ?? "",
        "spec.serviceAccountName" => pod.Spec.ServiceAccountName ?? "default",
        "status.podIP" or "status.podIPs" or "status.hostIP" => LocalNode.Address,
        _ when Indexed(path, "metadata.labels") is { } label => pod.Metadata.Labels.GetValueOrDefault(label, ""),
        _ when Indexed(path, "metadata.annotations") is { } annotation => pod.Metadata.Annotations.GetValueOrDefault(annotation, ""),
        _ => throw new MissingReferenceException($"fieldPath '{path}' is not known to the local cluster."),
    };

    private static string? Indexed(string path, string field) =>
        path.StartsWith(field + "['", StringComparison.Ordinal) && path.EndsWith("']", StringComparison.Ordinal)
            ? path[(field.Length + 2)..^2]
            : null;

    /// <summary>Limit or request of a resource in whole units, rounded up; 0 when the container names none.</summary>
    private static string Resource(Pod pod, Container self, ResourceFieldSelector selector)
    {
        var container = selector.ContainerName is { } name
            ? pod.Spec.Containers.Concat(pod.Spec.InitContainers).FirstOrDefault(item => item.Name == name) ?? self
            : self;
        var (list, resource) = selector.Resource.Split('.', 2) switch
        {
            ["limits", var of] => (container.Resources?.Limits, of),
            ["requests", var of] => (container.Resources?.Requests, of),
            _ => throw new MissingReferenceException($"resource '{selector.Resource}' is neither limits.<name> nor requests.<name>."),
        };
        var quantity = list is not null && list.TryGetValue(resource, out var value) ? Quantity.ParseOrZero(Quantity.TextOf(value)) : 0;
        return decimal.Ceiling(quantity).ToString("0", System.Globalization.CultureInfo.InvariantCulture);
    }
}

/// <summary>Something a pod refers to is not there (yet).</summary>
internal sealed class MissingReferenceException(string message) : Exception(message);

/// <summary>Looks up keys of the Secrets and ConfigMaps in a pod's namespace.</summary>
internal sealed class KeyedValues(Func<ObjectKind, string, KubernetesObject?> find)
{
    /// <returns>Null when the reference is optional and nothing is there.</returns>
    /// <exception cref="MissingReferenceException">It is required.</exception>
    public string? Text(ObjectKind kind, KeySelector selector) =>
        Files(kind, selector.Name, selector.Optional) is { } files && files.TryGetValue(selector.Key, out var bytes)
            ? Encoding.UTF8.GetString(bytes)
            : selector.Optional
                ? null
                : throw new MissingReferenceException($"couldn't find key {selector.Key} in {kind.Kind} {selector.Name}");

    /// <returns>Content by key; null when the object is optional and not there.</returns>
    /// <exception cref="MissingReferenceException">It is required.</exception>
    public IReadOnlyDictionary<string, byte[]>? Files(ObjectKind kind, string name, bool isOptional)
    {
        if (find(kind, name) is not { } @object)
        {
            return isOptional ? null : throw new MissingReferenceException($"{kind.Kind.ToLowerInvariant()} \"{name}\" not found");
        }

        var data = @object.AsKeyedData();
        var files = new Dictionary<string, byte[]>();
        foreach (var (key, value) in data.Data ?? new Dictionary<string, string>())
        {
            files[key] = kind == ObjectKind.Secret ? FromBase64(name, key, value) : Encoding.UTF8.GetBytes(value);
        }

        foreach (var (key, value) in data.StringData ?? new Dictionary<string, string>())
        {
            files[key] = Encoding.UTF8.GetBytes(value);
        }

        foreach (var (key, value) in data.BinaryData ?? new Dictionary<string, string>())
        {
            files[key] = FromBase64(name, key, value);
        }

        return files;
    }

    private static byte[] FromBase64(string name, string key, string value)
    {
        try
        {
            return Convert.FromBase64String(value);
        }
        catch (FormatException)
        {
            throw new MissingReferenceException($"key {key} of {name} is not base64");
        }
    }
}
