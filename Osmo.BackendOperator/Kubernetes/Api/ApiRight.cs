namespace Osmo.BackendOperator.Kubernetes.Api;

/// <summary>What must be granted for a request, in the words of RBAC.</summary>
/// <param name="Resource">With its group and subresource, such as <c>podgroups.scheduling.run.ai</c> and <c>pods/log</c>; a path where it is none.</param>
/// <param name="Namespace">Null for all namespaces, and for resources without one.</param>
internal sealed record ApiRight(string Verb, string Resource, string? Namespace)
{
    public static ApiRight Of(ApiRequest request)
    {
        var path = request.Path.Split('?')[0];
        var (group, rest) = path.Split('/') switch
        {
            ["apis", var name, _, .. var tail] => ($".{name}", tail),
            ["api", _, .. var tail] => ("", tail),
            _ => ("", []),
        };
        string? @namespace = null;
        if (rest is ["namespaces", var inside, _, ..])
        {
            (@namespace, rest) = (Uri.UnescapeDataString(inside), rest[2..]);
        }

        var resource = rest switch
        {
            [var plural, _, var sub] => $"{plural}{group}/{sub}",
            [var plural, ..] => plural + group,
            _ => "/" + path,
        };
        return new ApiRight(request.Verb, resource, @namespace);
    }

    public override string ToString() => Namespace is null ? $"{Verb} {Resource}" : $"{Verb} {Resource} in the namespace {Namespace}";
}
