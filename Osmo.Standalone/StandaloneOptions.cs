using System.Globalization;
using Osmo.Workflows.Configuration;

namespace Osmo.Standalone;

/// <summary>What the command line, or else the environment, says about this process. Everything has a default that works on a fresh machine.</summary>
public sealed record StandaloneOptions
{
    public const int DefaultPort = 8000;

    /// <summary>State, objects and the files of tasks; made if it is not there. Environment: <c>OSMO_DATA_DIR</c>.</summary>
    public required string DataDirectory { get; init; }

    /// <summary>On 127.0.0.1; tasks of an earlier run connect to the same port again. Environment: <c>OSMO_PORT</c>.</summary>
    public required int Port { get; init; }

    /// <summary><c>sqlite:path</c>, <c>postgres://…</c> or an Npgsql keyword string. Environment: <c>OSMO_DATABASE</c>.</summary>
    public required string Database { get; init; }

    /// <summary><c>file:folder</c> or <c>s3://bucket…</c>. Environment: <c>OSMO_OBJECTS</c>.</summary>
    public required string Objects { get; init; }

    /// <summary>JSON file with what the service configuration shall say other than it does (a merge patch), or null. Environment: <c>OSMO_CONFIGURATION</c>.</summary>
    public string? Configuration { get; init; }

    /// <summary>A cluster whose operator is a program of its own; null when this machine is the cluster.</summary>
    public ExternalBackend? External { get; init; }

    public Uri Url => new($"http://127.0.0.1:{Port}");

    /// <summary>Where tasks reach this server.</summary>
    public string TaskUrl => (External?.TaskUrl ?? Url).ToString().TrimEnd('/');

    /// <summary>What places the pods of the backend.</summary>
    public SchedulerSettings Scheduler => External is { Scheduler: SchedulerType.Kai }
        ? new() { SchedulerType = SchedulerType.Kai }
        : new() { SchedulerType = SchedulerType.Default, SchedulerName = "default-scheduler" };

    /// <exception cref="StandaloneException">A value is not allowed; the message says which and what is.</exception>
    public static StandaloneOptions Resolve(string? dataDirectory, int? port, string? database, string? objects, Func<string, string?> environment)
    {
        var directory = Path.GetFullPath(dataDirectory ?? environment("OSMO_DATA_DIR") ?? DefaultDirectory(environment));
        return new StandaloneOptions
        {
            DataDirectory = directory,
            Port = port is { } given ? CheckPort("--port", given) : ParsePort(environment("OSMO_PORT")),
            Database = database ?? environment("OSMO_DATABASE") ?? $"sqlite:{Path.Combine(directory, "osmo.db")}",
            Objects = objects ?? environment("OSMO_OBJECTS") ?? $"file:{Path.Combine(directory, "objects")}",
        };
    }

    /// <summary>As given, or else from <c>OSMO_CONFIGURATION</c>.</summary>
    /// <exception cref="StandaloneException">There is no such file.</exception>
    public StandaloneOptions WithConfiguration(string? file, Func<string, string?> environment)
    {
        file ??= environment("OSMO_CONFIGURATION");
        return string.IsNullOrEmpty(file) ? this
            : File.Exists(file) ? this with { Configuration = Path.GetFullPath(file) }
            : throw new StandaloneException($"--configuration is '{file}'; there is no such file.");
    }

    /// <summary>As given, or else from <c>OSMO_OPERATOR</c>, <c>OSMO_RUNTIME_IMAGE</c>, <c>OSMO_CLIENT_IMAGE</c>, <c>OSMO_TASK_URL</c>, <c>OSMO_SCHEDULER</c>.</summary>
    /// <exception cref="StandaloneException">A value is missing or not allowed; the message says which and what is.</exception>
    public StandaloneOptions WithOperator(
        string? place, string? runtimeImage, string? clientImage, string? taskUrl, string? scheduler, Func<string, string?> environment)
    {
        place ??= environment("OSMO_OPERATOR");
        if (place is null or "" or "local")
        {
            (string Name, string? Value)[] external =
                [("--runtime-image", runtimeImage), ("--client-image", clientImage), ("--task-url", taskUrl), ("--scheduler", scheduler)];
            return external.FirstOrDefault(option => option.Value is not null).Name is { } vain
                ? throw new StandaloneException($"{vain} means nothing without --operator external: this machine runs the tasks.")
                : this;
        }

        if (place != "external")
        {
            throw new StandaloneException($"--operator is '{place}'; allowed are local (this machine runs the tasks) and external (an operator connects).");
        }

        var url = taskUrl ?? environment("OSMO_TASK_URL") ?? Url.ToString();
        var image = (runtimeImage ?? environment("OSMO_RUNTIME_IMAGE")) is { Length: > 0 } given
            ? given
            : throw new StandaloneException("--runtime-image is missing: with --operator external every pod needs the image that holds osmo_init, osmo_ctrl and osmo_exec.");
        return this with
        {
            External = new ExternalBackend(
                image,
                (clientImage ?? environment("OSMO_CLIENT_IMAGE")) is { Length: > 0 } client ? client : image,
                Uri.TryCreate(url, UriKind.Absolute, out var parsed) && parsed.Scheme is "http" or "https"
                    ? parsed!
                    : throw new StandaloneException($"--task-url is '{url}'; allowed is an absolute http or https URL."),
                (scheduler ?? environment("OSMO_SCHEDULER")) switch
                {
                    null or "" or "default" => SchedulerType.Default,
                    "kai" => SchedulerType.Kai,
                    var other => throw new StandaloneException($"--scheduler is '{other}'; allowed are default (the cluster's own) and kai."),
                }),
        };
    }

    private static int ParsePort(string? text) => text switch
    {
        null or "" => DefaultPort,
        _ when int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var port) => CheckPort("OSMO_PORT", port),
        _ => throw WrongPort("OSMO_PORT", text),
    };

    private static int CheckPort(string setting, int port) =>
        port is > 0 and < 65536 ? port : throw WrongPort(setting, port.ToString(CultureInfo.InvariantCulture));

    private static StandaloneException WrongPort(string setting, string value) => new($"{setting} is '{value}'; allowed is a port number from 1 to 65535.");

    private static string DefaultDirectory(Func<string, string?> environment)
    {
        var home = environment("HOME") is { Length: > 0 } set ? set : Environment.GetFolderPath(Environment.SpecialFolder.UserProfile);
        var data = environment("XDG_DATA_HOME") is { Length: > 0 } xdg ? xdg : Path.Combine(home, ".local", "share");
        return Path.Combine(data, "osmo");
    }
}

/// <summary>What the pods of another cluster must know of this one.</summary>
/// <param name="RuntimeImage">Image of the init container, which puts its programs into the pod.</param>
/// <param name="ClientImage">Image of the control container; upstream's is another one.</param>
/// <param name="TaskUrl">Where tasks reach this server.</param>
/// <param name="Scheduler">What places the pods there.</param>
public sealed record ExternalBackend(string RuntimeImage, string ClientImage, Uri TaskUrl, SchedulerType Scheduler);

/// <summary>The process cannot go on; the message tells the user why and what to do.</summary>
public sealed class StandaloneException(string message, Exception? inner = null) : Exception(message, inner);
