using Osmo.Workflows.Objects;

namespace Osmo.Workflows.Specification.Admission;

/// <summary>Images, storage URLs and credentials, as far as no network is needed (contract: workflow-spec §8.4, §8.5).</summary>
internal static class AccessCheck
{
    public static AdmissionFault? BadImages(Submission submission) =>
        AdmissionFault.Of(SpecErrorCode.Usage, submission.Tasks.Where(task => !ImageReference.TryParse(task.Spec.Image, out _)).Select(task =>
            task.Problem("image", $"Could not parse docker image {task.Spec.Image}. Please provide a valid image.", task.Spec.Image, "[host[:port]/]path[:tag][@digest], path in lower case")));

    public static AdmissionFault? BadUrls(Submission submission) =>
        AdmissionFault.Of(SpecErrorCode.Usage, DataUrl.In(submission).Where(url => !StorageUrl.IsValid(url.Url)).Select(url =>
            url.Task.Problem(url.IsOutput ? "outputs" : "inputs", UrlFault(url.Url), url.Url, StorageUrl.Allowed)));

    /// <summary>Schemes that a backend may have ambient credentials for are tried at run time.</summary>
    public static AdmissionFault? MissingDataCredentials(Submission submission) =>
        AdmissionFault.Of(SpecErrorCode.Credential, DataUrl.In(submission)
            .Where(url => !IsUnchecked(url, submission.Facts) && StorageUrl.SchemeOf(url.Url) is not ("s3" or "azure") && !HasCredential(url, submission.Facts))
            .DistinctBy(url => url.Url)
            .Select(url => url.Task.Problem(
                url.IsOutput ? "outputs" : "inputs",
                $"No credentials configured for {url.Url} (user {submission.Facts.User}) and the backend does not support environment authentication. Please set a data credential for {StorageProfile.Of(url.Url)}.",
                url.Url)));

    public static AdmissionFault? MissingGenericCredentials(Submission submission) => AdmissionFault.Of(
        SpecErrorCode.Credential,
        submission.Tasks.SelectMany(task => task.Spec.Credentials.SelectMany(use => CredentialFaults(use, submission.Facts).Select(message => task.Problem($"credentials.{use.Credential}", message)))));

    public static bool IsUnchecked(DataUrl url, SubmissionFacts facts) => facts.Workflow.CredentialConfig.DisableDataValidation.Contains(StorageUrl.SchemeOf(url.Url));

    public static bool HasCredential(DataUrl url, SubmissionFacts facts) => StorageProfile.Of(url.Url) is { } profile && facts.DataProfiles.Contains(profile);

    private static string UrlFault(string url)
    {
        var scheme = StorageUrl.SchemeOf(url);
        return StorageUrl.IsKnownScheme(scheme) ? $"Incorrectly formatted {scheme.ToUpperInvariant()} URI: {url}" : $"Unknown URI scheme: {scheme}";
    }

    private static IEnumerable<string> CredentialFaults(CredentialUse use, SubmissionFacts facts)
    {
        if (!facts.GenericCredentials.TryGetValue(use.Credential, out var keys))
        {
            return [$"Could not find the credential: {use.Credential}."];
        }

        return use is CredentialUse.AsEnvironment environment
            ? environment.Variables.Where(variable => !keys.Contains(variable.Value)).Select(variable => $"{variable.Value} is not a valid credential key please choose from {string.Join(", ", keys)}")
            : [];
    }
}

/// <summary>A storage URL that a task reads or writes; checkpoints are not checked.</summary>
internal readonly record struct DataUrl(PlacedTask Task, string Url, bool IsOutput)
{
    public static IEnumerable<DataUrl> In(Submission submission) => submission.Tasks.SelectMany(task =>
        task.Spec.Inputs.OfType<InputSpec.FromUrl>().Select(input => new DataUrl(task, input.Url, IsOutput: false))
            .Concat(task.Spec.Outputs.Select(output => new DataUrl(task, output.Url, IsOutput: true))));
}
