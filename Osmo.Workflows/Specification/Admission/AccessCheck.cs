using Osmo.Workflows.Objects;

namespace Osmo.Workflows.Specification.Admission;

/// <summary>Images, storage URLs and credentials, as far as no network is needed (contract: workflow-spec §8.4, §8.5).</summary>
internal static class AccessCheck
{
    public static AdmissionFault? BadImages(Submission submission)
    {
        var bad = submission.Tasks.Select(task => task.Spec.Image).Distinct().Where(image => !ImageReference.TryParse(image, out _)).ToHashSet();
        return AdmissionFault.Of(
            SpecErrorCode.Usage,
            from task in submission.Tasks
            let image = task.Spec.Image
            where bad.Contains(image)
            select task.Problem(
                "image",
                $"Could not parse docker image {image}. Please provide a valid image.",
                image,
                "[host[:port]/]path[:tag][@digest], path in lower case"));
    }

    public static AdmissionFault? BadUrls(Submission submission) => AdmissionFault.Of(
        SpecErrorCode.Usage,
        from url in DataUrl.In(submission)
        where !StorageUrl.IsValid(url.Url)
        select url.Problem(UrlFault(url.Url), StorageUrl.Allowed));

    /// <summary>Schemes that a backend may have ambient credentials for are tried at run time.</summary>
    public static AdmissionFault? MissingDataCredentials(Submission submission) => AdmissionFault.Of(
        SpecErrorCode.Credential,
        from url in DataUrl.In(submission).DistinctBy(url => url.Url)
        where StorageUrl.SchemeOf(url.Url) is not ("s3" or "azure")
        where !IsUnchecked(url, submission.Facts) && !HasCredential(url, submission.Facts)
        select url.Problem(
            $"No credentials configured for {url.Url} (user {submission.Facts.User}) and the backend does not support environment "
            + $"authentication. Please set a data credential for {StorageProfile.Of(url.Url)}."));

    public static AdmissionFault? MissingGenericCredentials(Submission submission) => AdmissionFault.Of(
        SpecErrorCode.Credential,
        from task in submission.Tasks
        from use in task.Spec.Credentials
        from message in CredentialFaults(use, submission.Facts)
        select task.Problem($"credentials.{use.Credential}", message));

    public static bool IsUnchecked(DataUrl url, SubmissionFacts facts) =>
        facts.Workflow.CredentialConfig.DisableDataValidation.Contains(StorageUrl.SchemeOf(url.Url));

    public static bool HasCredential(DataUrl url, SubmissionFacts facts) =>
        StorageProfile.Of(url.Url) is { } profile && facts.DataProfiles.Contains(profile);

    private static string UrlFault(string url)
    {
        var scheme = StorageUrl.SchemeOf(url);
        return StorageUrl.IsKnownScheme(scheme)
            ? $"Incorrectly formatted {scheme.ToUpperInvariant()} URI: {url}"
            : $"Unknown URI scheme: {scheme}";
    }

    private static IEnumerable<string> CredentialFaults(CredentialUse use, SubmissionFacts facts)
    {
        if (!facts.GenericCredentials.TryGetValue(use.Credential, out var keys))
        {
            return [$"Could not find the credential: {use.Credential}."];
        }

        return use is not CredentialUse.AsEnvironment environment ? []
            : from variable in environment.Variables
              where !keys.Contains(variable.Value)
              select $"{variable.Value} is not a valid credential key please choose from {string.Join(", ", keys)}";
    }
}

/// <summary>A storage URL that a task reads or writes; checkpoints are not checked.</summary>
internal readonly record struct DataUrl(PlacedTask Task, string Url, bool IsOutput)
{
    public SpecProblem Problem(string message, string allowed = "") => Task.Problem(IsOutput ? "outputs" : "inputs", message, Url, allowed);

    public static IEnumerable<DataUrl> In(Submission submission) => submission.Tasks.SelectMany(task =>
        task.Spec.Inputs.OfType<InputSpec.FromUrl>().Select(input => new DataUrl(task, input.Url, IsOutput: false))
            .Concat(task.Spec.Outputs.Select(output => new DataUrl(task, output.Url, IsOutput: true))));
}
