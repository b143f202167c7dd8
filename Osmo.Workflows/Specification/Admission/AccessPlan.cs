using System.Collections.Immutable;
using Osmo.Workflows.Objects;

namespace Osmo.Workflows.Specification.Admission;

/// <summary>
/// What only a network can tell: whether images can be pulled and data be reached (contract: workflow-spec §8.4, §8.5). The caller
/// tries each; the first failure rejects with CREDENTIAL, the digests found go into <see cref="Pin"/>.
/// </summary>
public sealed record AccessPlan(ImmutableArray<ImageAccess> Images, ImmutableArray<DataAccess> Data)
{
    /// <summary>For a specification that <see cref="AdmissionCheck"/> passed. Each image and each URL stands once.</summary>
    public static AccessPlan Of(WorkflowSpec spec, SubmissionFacts facts)
    {
        var submission = new Submission(spec, facts);
        return new AccessPlan(
            [
                .. submission.Tasks.Select(task => task.Spec.Image).Distinct().Select(image => (Image: image, Reference: Parse(image)))
                    .Where(entry => !facts.Workflow.CredentialConfig.DisableRegistryValidation.Any(entry.Reference.IsWithin))
                    .Select(entry => new ImageAccess(entry.Image, entry.Reference)),
            ],
            [
                .. DataUrl.In(submission).Where(url => !AccessCheck.IsUnchecked(url, facts) && AccessCheck.HasCredential(url, facts))
                    .Select(url => new DataAccess(url.Url, StorageProfile.Of(url.Url)!, url.IsOutput)).Distinct(),
            ]);
    }

    /// <summary>The specification with the digests found appended to its images; images that name one stay as they are.</summary>
    public static WorkflowSpec Pin(WorkflowSpec spec, IReadOnlyDictionary<string, string> digestByImage)
    {
        return spec with { Groups = [.. spec.Groups.Select(group => group with { Tasks = [.. group.Tasks.Select(PinTask)] })] };

        TaskSpec PinTask(TaskSpec task) => task with { Image = Pinned(task.Image, digestByImage) };
    }

    /// <summary>The message of an image that no credential could pull.</summary>
    public static SpecRejection Unpullable(WorkflowSpec spec, ImageAccess image) => new()
    {
        Code = SpecErrorCode.Credential,
        Message = $"Unable to authenticate for pulling image {image.Image}. Please create a credential matching "
            + $"{image.Reference.Host}/{image.Reference.Path} or check if the image exists.",
        WorkflowId = spec.Name,
        FailedSubmission = new FailedSubmission(spec.Name, SpecWriter.ToYaml(spec)),
    };

    private static string Pinned(string image, IReadOnlyDictionary<string, string> digestByImage) =>
        !Parse(image).IsPinned && digestByImage.TryGetValue(image, out var digest) ? $"{image}@{digest}" : image;

    private static ImageReference Parse(string image) =>
        ImageReference.TryParse(image, out var reference)
            ? reference
            : throw new ArgumentException($"'{image}' was not checked.", nameof(image));
}

/// <summary>
/// An image to be looked up in its registry: anonymously, then with each credential whose scope covers it, the longest first.
/// </summary>
public sealed record ImageAccess(string Image, ImageReference Reference);

/// <summary>A URL to be tried with the user's credential of the profile: listing for reads, a write for outputs.</summary>
public sealed record DataAccess(string Url, string Profile, bool Write);
