using System.Collections.Immutable;
using Osmo.Protocol.Backend;

namespace Osmo.BackendOperator;

/// <summary>Who the operator is and where it dials (contract: backend-protocol §2, §16).</summary>
public sealed record BackendOperatorOptions
{
    internal const int UnackedMessagesByDefault = 1000;

    internal const int ParallelJobsByDefault = 4;

    /// <summary><c>http://host[:port]</c> or <c>https://…</c>; a path is not used for WebSockets.</summary>
    public required Uri ServiceUrl { get; init; }

    /// <summary>Name of the backend; made known to the control plane by the first connection.</summary>
    public required string Backend { get; init; }

    /// <summary>Kubernetes namespace of all task pods.</summary>
    public required string Namespace { get; init; }

    public required OperatorCredential Credential { get; init; }

    /// <summary>Prefix of the node conditions that validation tests set; may be empty.</summary>
    public string NodeConditionPrefix { get; init; } = "osmo.nvidia.com/";

    /// <summary>Namespaces whose pods count as workflow usage, besides <see cref="Namespace"/>.</summary>
    public ImmutableArray<string> IncludeNamespaceUsage { get; init; } = [];

    /// <summary>Keep the node label <c>&lt;prefix&gt;verified</c> equal to the node's availability.</summary>
    public bool EnableNodeLabelUpdate { get; init; }

    /// <summary>
    /// Messages of one stream that may wait for their acknowledgement; 1 to 10000. A control plane reads 1024 ahead (contract: backend-protocol §5);
    /// with the upstream operator's 100, one that takes 100 ms to make a report durable would take no more than 1000 a second.
    /// </summary>
    public int MaxUnackedMessages { get; init; } = UnackedMessagesByDefault;

    /// <summary>Jobs of different groups that are executed at the same time, where the control plane allows it; 1 to <see cref="BackendLimits.ParallelJobsMax"/>.</summary>
    public int ParallelJobs { get; init; } = ParallelJobsByDefault;

    /// <summary>How tests of the backend's nodes are run; null where none are (contract: backend-protocol §14).</summary>
    public TestRunnerOptions? TestRunner { get; init; }

    /// <summary>How long an unchanged report is not repeated.</summary>
    public TimeSpan ReportCacheTtl { get; init; } = TimeSpan.FromMinutes(15);

    /// <summary>How often pods and nodes are listed anew beside being watched.</summary>
    public TimeSpan RefreshInterval { get; init; } = TimeSpan.FromMinutes(5);

    /// <summary>Between pings, and how long their answer may take: a gateway that hangs is noticed within twice this.</summary>
    public TimeSpan PingPeriod { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>How often objects of groups without a pod are looked for; the control plane wants ten minutes to have passed since a clean-up anyway.</summary>
    public TimeSpan LeftoverPeriod { get; init; } = TimeSpan.FromMinutes(10);

    /// <summary><c>major.minor.revision</c> as told to the control plane.</summary>
    public string Version { get; init; } = typeof(BackendOperatorOptions).Assembly.GetName().Version?.ToString(3) ?? "0.0.0";

    /// <exception cref="ArgumentException">Names the setting (as the command line does, where it can be given there), its value and what is allowed.</exception>
    public void Validate()
    {
        Check(ServiceUrl.IsAbsoluteUri && ServiceUrl.Scheme is "http" or "https", "--service", ServiceUrl, "an absolute http or https URL");
        Check(Backend.Length > 0 && Backend.All(IsNameCharacter), "--backend", Backend, "letters, digits, '-', '_' and '.'");
        Check(Namespace.Length > 0 && Namespace.All(IsNameCharacter), "--namespace", Namespace, "the name of a Kubernetes namespace");
        Check(MaxUnackedMessages is >= 1 and <= 10_000, "--max-unacked-messages", MaxUnackedMessages, "1 to 10000");
        Check(ParallelJobs is >= 1 and <= BackendLimits.ParallelJobsMax, "--parallel-jobs", ParallelJobs, $"1 to {BackendLimits.ParallelJobsMax}");
        Check(ReportCacheTtl > TimeSpan.Zero, nameof(ReportCacheTtl), ReportCacheTtl, "more than zero");
        Check(RefreshInterval >= TimeSpan.FromSeconds(1), nameof(RefreshInterval), RefreshInterval, "at least one second");
        Check(PingPeriod >= TimeSpan.FromSeconds(1), nameof(PingPeriod), PingPeriod, "at least one second");
        Check(LeftoverPeriod >= TimeSpan.FromSeconds(1), nameof(LeftoverPeriod), LeftoverPeriod, "at least one second");
        if (TestRunner is { } tests)
        {
            Check(tests.Namespace.Length > 0 && tests.Namespace.All(IsNameCharacter), "--test-runner-namespace", tests.Namespace, "the name of a Kubernetes namespace");
            Check(File.Exists(tests.TemplateFile), "--test-runner-cronjob-spec-file", tests.TemplateFile, "a file with the YAML of a CronJob");
        }

        switch (Credential)
        {
            case OperatorCredential.Dev { UserName: var user }:
                Check(user.Length > 0, "--user", "(empty)", "the name to act as");
                break;
            case OperatorCredential.TokenFile { Path: var path }:
                Check(File.Exists(path), "--token-file", path, "a file that holds an access token");
                break;
        }
    }

    private static bool IsNameCharacter(char c) => char.IsAsciiLetterOrDigit(c) || c is '-' or '_' or '.';

    private static void Check(bool isAllowed, string setting, object value, string allowed)
    {
        if (!isAllowed)
        {
            throw new ArgumentException($"{setting} is '{value}'; allowed is {allowed}.");
        }
    }
}

/// <param name="Namespace">Where the tests' CronJobs live.</param>
/// <param name="TemplateFile">YAML of such a CronJob; read anew at each synchronization.</param>
public sealed record TestRunnerOptions(string Namespace, string TemplateFile);

/// <summary>How the operator proves who it is.</summary>
public abstract record OperatorCredential
{
    private OperatorCredential()
    {
    }

    /// <summary>Header <c>x-osmo-user</c>; only for a control plane in development mode.</summary>
    public sealed record Dev(string UserName) : OperatorCredential;

    /// <summary>A file with an access token, read anew at each login so that it may be rotated.</summary>
    public sealed record TokenFile(string Path) : OperatorCredential;
}
