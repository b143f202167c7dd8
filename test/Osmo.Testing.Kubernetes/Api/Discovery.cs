using System.Text.Json.Nodes;

namespace Osmo.Testing.Kubernetes.Api;

/// <summary>Which resources a group and version has.</summary>
internal static class Discovery
{
    /// <exception cref="ApiException">Nothing is served there.</exception>
    public static JsonObject Answer(string path, IReadOnlyList<Resource> served)
    {
        var (group, version) = path.Split('/', StringSplitOptions.RemoveEmptyEntries) switch
        {
            ["version"] => ("", "version"),
            ["api", var v] => ("", v),
            ["apis", var g, var v] => (g, v),
            _ => ("", ""),
        };
        if (version == "version")
        {
            return new JsonObject { ["major"] = "1", ["minor"] = "28", ["gitVersion"] = "v1.28.0" };
        }

        var found = served.Where(item => item.Group == group && item.Version == version).ToList();
        return found.Count == 0
            ? throw new ApiException(404, "NotFound", "the server could not find the requested resource")
            : new JsonObject
            {
                ["kind"] = "APIResourceList",
                ["apiVersion"] = "v1",
                ["groupVersion"] = found[0].ApiVersion,
                ["resources"] = new JsonArray([.. found.Select(item => Describe(item, item.Plural)), .. found.Where(item => item == Resource.Pods).Select(item => Describe(item, "pods/log"))]),
            };
    }

    private static JsonObject Describe(Resource item, string name) => new()
    {
        ["name"] = name,
        ["kind"] = item.Kind,
        ["namespaced"] = item.IsNamespaced,
        ["verbs"] = new JsonArray("create", "delete", "get", "list", "patch", "update", "watch"),
    };
}
