using System.Globalization;
using Osmo.Workflows.Configuration;

namespace Osmo.Workflows.Specification.Admission;

/// <summary>
/// What the platform of each task allows (contract: workflow-spec §8.4). After <see cref="UnknownPlatforms"/> every platform is known.
/// </summary>
internal static class PlatformCheck
{
    public static AdmissionFault? UnknownPlatforms(Submission submission) => AdmissionFault.Of(
        SpecErrorCode.Resource,
        from task in submission.Tasks
        let pool = submission.Facts.Pool
        where !pool.Platforms.ContainsKey(task.Platform)
        select task.Problem(
            "resource",
            $"Platform {task.Platform} does not exist in pool {pool.Name}!",
            task.Platform,
            string.Join(", ", pool.Platforms.Keys)));

    public static AdmissionFault? BadCacheSizes(Submission submission) => AdmissionFault.Of(
        SpecErrorCode.Resource,
        from task in submission.Tasks
        let size = task.Spec.CacheSize
        where size is not null
        let fault = CacheFault(size)
        where fault is not null
        select task.Problem("cacheSize", fault, size, $"0% to 100%, or {QuantityText.Allowed}"));

    public static AdmissionFault? ForbiddenModes(Submission submission) => AdmissionFault.Of(
        SpecErrorCode.Resource,
        submission.Tasks.SelectMany(task => Modes(task, Platform(submission, task).Config)));

    public static AdmissionFault? ForbiddenMounts(Submission submission) => AdmissionFault.Of(
        SpecErrorCode.Resource,
        from task in submission.Tasks
        from mount in task.Spec.VolumeMounts
        let fault = MountFault(mount, task.Spec.Name, Platform(submission, task))
        where fault is not null
        select task.Problem("volumeMounts", fault, mount, string.Join(", ", Platform(submission, task).Config.AllowedMounts)));

    public static PlatformModel Platform(Submission submission, PlacedTask task) => submission.Facts.Pool.Platforms[task.Platform];

    private static IEnumerable<SpecProblem> Modes(PlacedTask task, PlatformConfig platform)
    {
        if (task.Spec.Privileged && !platform.PrivilegedAllowed)
        {
            yield return task.Problem(
                "privileged", $"Task with platform: {task.Platform} does not have privileged flag enabled. Task {task.Spec.Name}");
        }

        if (task.Spec.HostNetwork && !platform.HostNetworkAllowed)
        {
            yield return task.Problem(
                "hostNetwork", $"Task with platform: {task.Platform} does not have hostNetwork flag enabled. Task {task.Spec.Name}");
        }
    }

    private static string? MountFault(string mount, string task, PlatformModel platform)
    {
        var parts = mount.Split(':');
        if (parts.Length > 2 || (parts.Length == 2 && parts[1].Length == 0))
        {
            return $"Invalid task volume mount: {mount}.";
        }

        return platform.Config.AllowedMounts.Contains(parts[0]) ? null
            : platform.DefaultMounts.Contains(parts[0])
                ? $"Mount {parts[0]} is already provided by platform {platform.Name} and cannot be set in volumeMounts. "
                    + $"Please remove it from task {task}."
                : $"Task with platform: {platform.Name} does not allow mount: {parts[0]}. Task {task}";
    }

    private static string? CacheFault(string size)
    {
        if (!size.EndsWith('%'))
        {
            return QuantityText.TryNormalise("cache", size, out _, out var fault) ? null : fault;
        }

        const NumberStyles Styles = NumberStyles.AllowDecimalPoint | NumberStyles.AllowLeadingSign;
        var isNumber = double.TryParse(size.AsSpan(0, size.Length - 1), Styles, CultureInfo.InvariantCulture, out var percent);
        return !isNumber ? $"Improperly formatted cache size: {size}"
            : percent is >= 0 and <= 100 ? null
            : $"Cache size must be between 0-100 percent: {size}";
    }
}
