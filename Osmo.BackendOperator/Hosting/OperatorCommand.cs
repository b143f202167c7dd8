using System.CommandLine;
using Microsoft.Extensions.Logging;
using Osmo.BackendOperator.Kubernetes.Access;
using Osmo.BackendOperator.Kubernetes.Api;

namespace Osmo.BackendOperator.Hosting;

/// <summary>The command line of the operator; names of options are also understood as the upstream operator has them (contract: backend-protocol §16).</summary>
internal sealed class OperatorCommand(Func<string, string?> environment)
{
    /// <summary>A setting or the cluster cannot be used.</summary>
    private const int ExitCodeUnusable = 1;

    private readonly Option<string?> _service = Text("--service", "URL of the control plane.", "OSMO_SERVICE", "--host");
    private readonly Option<string?> _backend = Text("--backend", "Name of this backend.", "OSMO_BACKEND");
    private readonly Option<string?> _namespace = Text("--namespace", "Kubernetes namespace of the task pods.", "OSMO_NAMESPACE");
    private readonly Option<string?> _tokenFile = Text("--token-file", "File with an access token; read anew at each login.", "OSMO_TOKEN_FILE", "--token_file");
    private readonly Option<string?> _user = Text("--user", "Who to be to a control plane in development mode.", "OSMO_USER", "--username");
    private readonly Option<string?> _kubeConfig = Text("--kubeconfig", "Kubeconfig of the cluster; without one, the service account of the pod this runs in.", "KUBECONFIG");
    private readonly Option<string?> _context = Text("--context", "Context of the kubeconfig, if not its current one.", "OSMO_CONTEXT");
    private readonly Option<string?> _prefix = Text("--node-condition-prefix", "Prefix of the node conditions of validation tests (default: osmo.nvidia.com/).", "OSMO_NODE_CONDITION_PREFIX", "--node_condition_prefix");
    private readonly Option<string?> _usage = Text("--include-namespace-usage", "Namespaces, separated by commas, whose pods count as workflow usage too.", "OSMO_INCLUDE_NAMESPACE_USAGE", "--include_namespace_usage");
    private readonly Option<string?> _testNamespace = Text("--test-runner-namespace", "Namespace of the tests of nodes (default: osmo-test).", "OSMO_TEST_RUNNER_NAMESPACE", "--test_runner_namespace");
    private readonly Option<string?> _testTemplate = Text("--test-runner-cronjob-spec-file", "YAML of the CronJob that runs a test; without one no tests are run.", "TEST_RUNNER_CRONJOB_SPEC_FILE", "--test_runner_cronjob_spec_file");
    private readonly Option<bool> _labels = new("--enable-node-label-update", "--enable_node_label_update") { Description = "Keep the node label <prefix>verified equal to the node's availability; needs the right to patch nodes." };
    private readonly Option<int> _unacked = Number("--max-unacked-messages", BackendOperatorOptions.UnackedMessagesByDefault, "Reports of one stream that may wait for their acknowledgement.", "--max_unacked_messages");
    private readonly Option<int> _parallel = Number("--parallel-jobs", BackendOperatorOptions.ParallelJobsByDefault, "Jobs of different groups at the same time, where the control plane allows it.");
    private readonly Option<int> _qps = Number("--api-qps", new ApiClientOptions().RequestsPerSecond, "Requests per second to the API server in the long run.", "--api_qps");
    private readonly Option<int> _burst = Number("--api-burst", new ApiClientOptions().Burst, "Requests to the API server at once after a quiet time.", "--api_burst");
    private readonly Option<int> _pageSize = Number("--list-pods-page-size", new ApiClientOptions().PageSize, "Objects of one page of a list.", "--list_pods_page_size");
    private readonly Option<int?> _healthPort = new("--health-port") { Description = "Answers GET /livez, /readyz and /metrics on this port (default: nowhere)." };
    private readonly Option<LogLevel> _logLevel = new("--log-level", "--log_level") { Description = "How much is told on stderr.", DefaultValueFactory = _ => LogLevel.Information };

    /// <param name="run">Runs the operator until it is cancelled.</param>
    public RootCommand Create(Func<OperatorSettings, CancellationToken, Task> run)
    {
        var root = new RootCommand("Connects a Kubernetes cluster to an Osmo control plane: reports its state and executes jobs there. Everything is dialled out.")
        {
            _service, _backend, _namespace, _tokenFile, _user, _kubeConfig, _context, _prefix, _usage, _testNamespace, _testTemplate, _labels, _unacked, _parallel, _qps, _burst, _pageSize, _healthPort, _logLevel,
        };
        root.SetAction(async (parsed, cancellation) =>
        {
            try
            {
                await run(Read(parsed), cancellation);
                return 0;
            }
            catch (OperationCanceledException) when (cancellation.IsCancellationRequested)
            {
                // Being told to stop is how it ends.
                return 0;
            }
            catch (Exception error) when (error is ArgumentException or ClusterAccessException or IOException)
            {
                await Console.Error.WriteLineAsync($"osmo-operator: {error.Message}");
                return ExitCodeUnusable;
            }
        });
        return root;
    }

    internal OperatorSettings Read(ParseResult parsed)
    {
        string? Of(Option<string?> option, string variable) => parsed.GetValue(option) is { Length: > 0 } given ? given : environment(variable);
        return new OperatorSettings
        {
            Service = Of(_service, "OSMO_SERVICE"),
            Backend = Of(_backend, "OSMO_BACKEND"),
            Namespace = Of(_namespace, "OSMO_NAMESPACE"),
            TokenFile = Of(_tokenFile, "OSMO_TOKEN_FILE"),
            User = Of(_user, "OSMO_USER"),
            KubeConfig = Of(_kubeConfig, "KUBECONFIG"),
            Context = Of(_context, "OSMO_CONTEXT"),
            // It may be empty, which is something else than absent.
            NodeConditionPrefix = parsed.GetValue(_prefix) ?? environment("OSMO_NODE_CONDITION_PREFIX") ?? new OperatorSettings().NodeConditionPrefix,
            IncludeNamespaceUsage = [.. (Of(_usage, "OSMO_INCLUDE_NAMESPACE_USAGE") ?? "").Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries)],
            TestNamespace = Of(_testNamespace, "OSMO_TEST_RUNNER_NAMESPACE"),
            TestTemplateFile = Of(_testTemplate, "TEST_RUNNER_CRONJOB_SPEC_FILE"),
            EnableNodeLabelUpdate = parsed.GetValue(_labels),
            MaxUnackedMessages = parsed.GetValue(_unacked),
            ParallelJobs = parsed.GetValue(_parallel),
            Api = new ApiClientOptions { RequestsPerSecond = parsed.GetValue(_qps), Burst = parsed.GetValue(_burst), PageSize = parsed.GetValue(_pageSize) },
            HealthPort = parsed.GetValue(_healthPort),
            LogLevel = parsed.GetValue(_logLevel),
        };
    }

    private static Option<string?> Text(string name, string description, string variable, params string[] aliases) =>
        new(name, aliases) { Description = $"{description} Environment: {variable}." };

    private static Option<int> Number(string name, int byDefault, string description, params string[] aliases) =>
        new(name, aliases) { Description = description, DefaultValueFactory = _ => byDefault };
}
