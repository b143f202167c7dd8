using Osmo.Workflows.Specification;

namespace Osmo.Workflows.Documents;

/// <summary>
/// The specification as others may read it, with secrets masked; it is stored as it was submitted, because that is what runs (contract:
/// workflow-spec §11.1, api-rest §9.3).
/// </summary>
public static class ShownSpec
{
    /// <summary>Null when there is no text.</summary>
    /// <param name="template">The text before it was rendered, when the client sent one.</param>
    public static string? Of(SpecDocument stored, bool template) => stored switch
    {
        { Template: { } text } when template => SecretMask.Apply(text, stored.Spec),
        { Text: null } => null,
        { Spec: { } spec } => SpecWriter.ToYaml(SecretMask.Apply(spec)),
        { Text: { } text } => SecretMask.Apply(text, spec: null),
    };
}
