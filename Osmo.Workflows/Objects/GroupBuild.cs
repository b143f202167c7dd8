using System.Collections.Immutable;
using System.Text.Json.Nodes;

namespace Osmo.Workflows.Objects;

/// <summary>Outcome of building a group's objects.</summary>
public abstract record GroupBuild
{
    private GroupBuild()
    {
    }

    /// <param name="Objects">In the order of creation (contract: backend-protocol §11).</param>
    /// <param name="TemplateKinds">Kinds that group templates brought in; clean-up must look for them.</param>
    public sealed record Built(ImmutableArray<JsonObject> Objects, ImmutableArray<ObjectKind> TemplateKinds) : GroupBuild;

    /// <summary>Something of the configuration or the specification cannot be turned into objects; trying again does not help.</summary>
    public sealed record Failed(string Message) : GroupBuild;
}

/// <summary>A kind of Kubernetes object, e.g. <c>v1</c> and <c>Secret</c>.</summary>
public sealed record ObjectKind(string ApiVersion, string Kind);

/// <summary>Carries the reason out of the depth of a build; becomes <see cref="GroupBuild.Failed"/> at its border.</summary>
internal sealed class GroupBuildException(string message) : Exception(message);
