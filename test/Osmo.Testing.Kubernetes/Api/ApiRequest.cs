namespace Osmo.Testing.Kubernetes.Api;

/// <summary>What a request asks for, in the words of RBAC.</summary>
/// <param name="Verb"><c>get</c>, <c>list</c>, <c>watch</c>, <c>create</c>, <c>update</c>, <c>patch</c> or <c>delete</c>.</param>
/// <param name="Subresource"><c>log</c>, or null.</param>
public sealed record ApiCall(string Verb, Resource Resource, string? Namespace, string? Name, string? Subresource)
{
    /// <summary>A list without the contents of its objects.</summary>
    public bool IsOfMetadata { get; init; }

    public ObjectKey Key => new(Resource, Namespace, Name ?? "");

    public override string ToString() => $"{Verb} {Resource.Name}{(Subresource is null ? "" : "/" + Subresource)}{(Namespace is null ? "" : " in " + Namespace)}";

    /// <returns>Null for a path that names no served resource.</returns>
    public static ApiCall? Parse(string method, string path, bool isWatch, IEnumerable<Resource> served)
    {
        var parts = path.Split('/', StringSplitOptions.RemoveEmptyEntries).Select(Uri.UnescapeDataString).ToArray();
        var (group, version, rest) = parts switch
        {
            ["api", var v, .. var tail] => ("", v, tail),
            ["apis", var g, var v, .. var tail] => (g, v, tail),
            _ => ("", "", []),
        };
        string? @namespace = null;
        if (rest is ["namespaces", var name, _, ..])
        {
            (@namespace, rest) = (name, rest[2..]);
        }

        var resource = served.FirstOrDefault(item => rest.Length > 0 && item.Group == group && item.Version == version && item.Plural == rest[0]);
        return resource is null || rest.Length > 3 || (@namespace is not null && !resource.IsNamespaced)
            ? null
            : new ApiCall(VerbOf(method, rest.Length > 1, isWatch), resource, @namespace, rest.ElementAtOrDefault(1), rest.ElementAtOrDefault(2));
    }

    private static string VerbOf(string method, bool isNamed, bool isWatch) => (method, isNamed) switch
    {
        ("GET", true) => "get",
        ("GET", false) => isWatch ? "watch" : "list",
        ("POST", _) => "create",
        ("PUT", _) => "update",
        ("PATCH", _) => "patch",
        ("DELETE", true) => "delete",
        ("DELETE", false) => "deletecollection",
        _ => method,
    };
}
