using System.Collections.Immutable;
using Osmo.Workflows.Yaml;

namespace Osmo.Workflows.Specification;

/// <summary>
/// One thing wrong in a specification (contract: workflow-spec §8.2). <paramref name="Path"/> is dotted, such as
/// <c>workflow.groups.1.tasks.0.image</c>; the position counts in the submitted text, and in the rendered text when that is a template.
/// <paramref name="Found"/> and <paramref name="Allowed"/> are empty when the message says it all.
/// </summary>
public sealed record SpecProblem(string Path, YamlPosition Position, string Message, string Found = "", string Allowed = "");

/// <summary>Error codes of a rejected specification; names are the wire form, upper case (contract: workflow-spec §8.1).</summary>
public enum SpecErrorCode
{
    Usage = 1,
    User,
    Submission,
    Resource,
    Credential,
    Database,
}

/// <summary>Why a specification was not accepted; becomes the error body of HTTP 400 (contract: workflow-spec §8.1).</summary>
public sealed record SpecRejection
{
    public required SpecErrorCode Code { get; init; }

    public required string Message { get; init; }

    /// <summary><c>workflow_id</c> of the error body: the workflow's name, the bare uuid when the text is no YAML, else null.</summary>
    public string? WorkflowId { get; init; }

    /// <summary>What a real submission stores; null when nothing is stored. Never used for dry runs and validation.</summary>
    public FailedSubmission? FailedSubmission { get; init; }

    /// <summary>Each single fault with its place; at least one for faults of the text.</summary>
    public ImmutableArray<SpecProblem> Problems { get; init; } = [];
}

/// <summary>
/// The record of a refused submission with status <c>FAILED_SUBMISSION</c> (contract: workflow-spec §11.2).
/// <paramref name="SpecYaml"/> is null when the specification was not understood.
/// </summary>
public sealed record FailedSubmission(string WorkflowName, string? SpecYaml);
