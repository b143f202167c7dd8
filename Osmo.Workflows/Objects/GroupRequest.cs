using System.Collections.Immutable;
using Osmo.Workflows.Configuration;
using Osmo.Workflows.Lifecycle;
using Osmo.Workflows.Specification;
using Osmo.Workflows.Templates;

namespace Osmo.Workflows.Objects;

/// <summary>
/// Everything the Kubernetes objects of one group depend on. The same request gives the same objects: randomness and time come in as
/// <see cref="Attempts"/>.
/// </summary>
public sealed record GroupRequest
{
    public required WorkflowPlan Plan { get; init; }

    /// <summary>A group of <see cref="Plan"/> and of <see cref="Spec"/>.</summary>
    public required string GroupName { get; init; }

    /// <summary>Tokens not yet substituted.</summary>
    public required WorkflowSpec Spec { get; init; }

    /// <summary>
    /// Labels of the workflow as stored, which may differ from those in the specification (contract: workflow-spec §9.1).
    /// </summary>
    public ImmutableArray<KeyValuePair<string, string>> Labels { get; init; } = [];

    public required ConfigurationModel Configuration { get; init; }

    /// <summary>Where the backend creates the pods.</summary>
    public required string Namespace { get; init; }

    /// <summary>By task name, one for each task of the group.</summary>
    public required ImmutableDictionary<string, AttemptFacts> Attempts { get; init; }

    public UserCredentials Credentials { get; init; } = new();

    public required ITemplateRenderer Renderer { get; init; }
}

/// <summary>What is particular to one attempt of a task.</summary>
/// <param name="RetryId">0 for the first attempt.</param>
/// <param name="RefreshToken">
/// 43 characters, the same for every attempt and every rendering of a task: existing secrets are never replaced (contract: backend-protocol
/// §10.3).
/// </param>
/// <param name="IdToken">
/// A token for the login file (contract: runtime-protocol §18); null where everybody may log in by name, as in development mode.
/// </param>
public sealed record AttemptFacts(int RetryId, Secret RefreshToken, Secret? IdToken = null);

/// <summary>The submitting user's credentials that the group's tasks may use.</summary>
public sealed record UserCredentials
{
    /// <summary>DATA credentials; put into the task's storage configuration (contract: runtime-protocol §18).</summary>
    public ImmutableArray<StorageCredential> Data { get; init; } = [];

    /// <summary>REGISTRY credentials that match an image of the group.</summary>
    public ImmutableArray<ImageCredential> Registries { get; init; } = [];

    /// <summary>GENERIC credentials by name; values by key.</summary>
    public ImmutableSortedDictionary<string, ImmutableSortedDictionary<string, Secret>> Generic { get; init; } =
        ImmutableSortedDictionary<string, ImmutableSortedDictionary<string, Secret>>.Empty;
}
