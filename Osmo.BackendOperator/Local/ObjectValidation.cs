using System.Text.Json;
using Osmo.BackendOperator.Kubernetes;

namespace Osmo.BackendOperator.Local;

/// <summary>Refuses what the node agent could not read later, and names that would lead out of a pod's directory.</summary>
internal static class ObjectValidation
{
    /// <returns>Null when the object may be created; else what is wrong.</returns>
    public static string? WhyNot(KubernetesObject @object)
    {
        try
        {
            if (@object.Kind == ObjectKind.Pod)
            {
                return WhyNot(@object.AsPod().Spec);
            }

            if (@object.Kind == ObjectKind.Secret || @object.Kind == ObjectKind.ConfigMap)
            {
                _ = @object.AsKeyedData();
            }

            return null;
        }
        catch (JsonException e)
        {
            return e.Message;
        }
    }

    private static string? WhyNot(PodSpec spec)
    {
        var containers = spec.InitContainers.Concat(spec.Containers).Select(container => container.Name).ToList();
        var names = containers.Concat(spec.Volumes.Select(volume => volume.Name));
        return spec.Containers.Count == 0 ? "a pod needs a container."
            : containers.Distinct().Count() != containers.Count ? "two containers have the same name."
            : names.FirstOrDefault(name => !IsLabel(name)) is { } bad ? $"name '{bad}' is not allowed: 1 to 63 lower-case letters, digits and '-'."
            : null;
    }

    private static bool IsLabel(string name) =>
        name.Length is > 0 and <= 63 && name.All(c => char.IsAsciiLetterLower(c) || char.IsAsciiDigit(c) || c == '-');
}
