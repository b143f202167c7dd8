using System.Collections.Immutable;
using Microsoft.Extensions.Logging;
using Osmo.BackendOperator.Kubernetes.Access;
using Osmo.BackendOperator.Kubernetes.Api;

namespace Osmo.BackendOperator.Hosting;

/// <summary>What the command line, or else the environment, says; not yet checked.</summary>
internal sealed record OperatorSettings
{
    public string? Service { get; init; }

    public string? Backend { get; init; }

    public string? Namespace { get; init; }

    public string? TokenFile { get; init; }

    public string? User { get; init; }

    public string? KubeConfig { get; init; }

    public string? Context { get; init; }

    public string NodeConditionPrefix { get; init; } = "osmo.nvidia.com/";

    public ImmutableArray<string> IncludeNamespaceUsage { get; init; } = [];

    public string? TestNamespace { get; init; }

    public string? TestTemplateFile { get; init; }

    public bool EnableNodeLabelUpdate { get; init; }

    public int MaxUnackedMessages { get; init; } = BackendOperatorOptions.UnackedMessagesByDefault;

    public int ParallelJobs { get; init; } = BackendOperatorOptions.ParallelJobsByDefault;

    public ApiClientOptions Api { get; init; } = new();

    /// <summary>Where probes are answered, on all addresses; null for nowhere.</summary>
    public int? HealthPort { get; init; }

    public LogLevel LogLevel { get; init; } = LogLevel.Information;

    /// <exception cref="ArgumentException">A setting is missing or not allowed; the message names it and what is.</exception>
    public BackendOperatorOptions ToOptions()
    {
        var service = Required(Service, "--service", "the URL of the control plane, such as https://osmo.example.com");
        if (!Uri.TryCreate(service, UriKind.Absolute, out var url))
        {
            throw new ArgumentException($"--service is '{service}'; allowed is an absolute http or https URL.");
        }

        var options = new BackendOperatorOptions
        {
            ServiceUrl = url,
            Backend = Required(Backend, "--backend", "the name of this backend in the control plane"),
            Namespace = Required(Namespace, "--namespace", "the Kubernetes namespace of the task pods; it must exist"),
            Credential = CredentialFor(url),
            NodeConditionPrefix = NodeConditionPrefix,
            IncludeNamespaceUsage = IncludeNamespaceUsage,
            EnableNodeLabelUpdate = EnableNodeLabelUpdate,
            MaxUnackedMessages = MaxUnackedMessages,
            ParallelJobs = ParallelJobs,
            TestRunner = string.IsNullOrEmpty(TestTemplateFile) ? null : new TestRunnerOptions(TestNamespace ?? "osmo-test", TestTemplateFile),
        };
        options.Validate();
        return options;
    }

    /// <exception cref="ClusterAccessException">There is no access to a cluster.</exception>
    public ClusterAccess ToAccess(Func<string, string?> environment, TimeProvider time) => KubeConfig is { Length: > 0 } file
        ? KubeConfigFile.Read(file, Context, time)
        : InClusterAccess.Read(environment, InClusterAccess.Directory, time);

    private OperatorCredential CredentialFor(Uri service) => (TokenFile, User) switch
    {
        ({ Length: > 0 }, { Length: > 0 }) => throw new ArgumentException("--token-file and --user exclude each other: one is for a login, the other for development mode."),
        ({ Length: > 0 } file, _) => new OperatorCredential.TokenFile(file),
        (_, { Length: > 0 } user) => new OperatorCredential.Dev(user),
        _ when service.IsLoopback => new OperatorCredential.Dev("osmo-operator"),
        _ => throw new ArgumentException($"--token-file is missing: {service} is not on this machine, so the operator must log in. (--user NAME is for a control plane in development mode.)"),
    };

    private static string Required(string? value, string option, string meaning) =>
        string.IsNullOrEmpty(value) ? throw new ArgumentException($"{option} is missing: {meaning}.") : value;
}
