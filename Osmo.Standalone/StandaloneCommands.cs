using System.CommandLine;
using Microsoft.Extensions.Options;
using Osmo.Cli.Commands.Workflows;
using Osmo.Hosting;
using Osmo.Hosting.Settings;
using Osmo.Storage;

namespace Osmo.Standalone;

/// <summary>The command line: start everything and serve, or start everything, run one workflow, and end with its result.</summary>
internal static class StandaloneCommands
{
    /// <summary>What a shell makes of SIGINT.</summary>
    private const int ExitCodeInterrupted = 130;

    private static readonly Option<string?> DataDirectoryOption = Text("--data-dir", "OSMO_DATA_DIR", "Where state, objects and task files live (default: ~/.local/share/osmo).");

    private static readonly Option<int?> PortOption = new("--port")
    {
        Arity = ArgumentArity.ExactlyOne,
        Description = $"Port on 127.0.0.1 (default: {StandaloneOptions.DefaultPort}). Environment: OSMO_PORT.",
        Recursive = true,
    };

    private static readonly Option<string?> DatabaseOption = Text("--database", "OSMO_DATABASE",
        "sqlite:PATH, postgres://USER:PASSWORD@HOST:PORT/DATABASE, or an Npgsql keyword string (default: SQLite in the data directory).");

    private static readonly Option<string?> ObjectsOption = Text("--objects", "OSMO_OBJECTS", "file:FOLDER or s3://BUCKET?endpoint=URL (default: a folder in the data directory).");

    private static readonly Option<string?> ConfigurationOption = Text("--configuration", "OSMO_CONFIGURATION",
        "JSON file with changes to the service configuration (pools, limits, where task data goes).");

    private static readonly Option<string?> OperatorOption = Text("--operator", "OSMO_OPERATOR",
        "local: this machine runs the tasks; external: an operator connects, and its cluster does (default: local).");

    private static readonly Option<string?> RuntimeImageOption = Text("--runtime-image", "OSMO_RUNTIME_IMAGE",
        "With --operator external, required: the image that holds osmo_init, osmo_ctrl and osmo_exec.");

    private static readonly Option<string?> ClientImageOption = Text("--client-image", "OSMO_CLIENT_IMAGE",
        "With --operator external: the image that osmo_ctrl runs in, if not that of --runtime-image; it holds osmo and tree where upstream's osmo_ctrl runs.");

    private static readonly Option<string?> TaskUrlOption = Text("--task-url", "OSMO_TASK_URL", "With --operator external: where tasks reach this server, if not at its own address.");

    private static readonly Option<string?> SchedulerOption = Text("--scheduler", "OSMO_SCHEDULER",
        "With --operator external, what places the pods: default (the cluster's own) or kai (default: default).");

    private static readonly Option<LogLevel> LogLevelOption = new("--log-level")
    {
        Description = "How much is told on stderr.",
        DefaultValueFactory = _ => LogLevel.Warning,
        Recursive = true,
    };

    public static RootCommand Create()
    {
        var root = new RootCommand("Osmo in one process: gateway, grains, storage, and this machine as the backend.")
        {
            DataDirectoryOption, PortOption, DatabaseOption, ObjectsOption, ConfigurationOption,
            OperatorOption, RuntimeImageOption, ClientImageOption, TaskUrlOption, SchedulerOption, LogLevelOption, Submit(),
        };
        root.SetAction((parsed, cancellation) => Guarded(() => Serve(parsed, cancellation), cancellation));
        return root;
    }

    private static Option<string?> Text(string name, string environment, string description) =>
        new(name) { Description = $"{description} Environment: {environment}.", Recursive = true };

    private static Command Submit()
    {
        var file = new Argument<string>("file") { Description = "The workflow specification. It stands before --set, which takes all words up to the next option." };
        var set = new Option<string[]>("--set") { Description = "KEY=VALUE for the template; numbers are numbers.", AllowMultipleArgumentsPerToken = true };
        var setString = new Option<string[]>("--set-string") { Description = "KEY=VALUE for the template, always text.", AllowMultipleArgumentsPerToken = true };
        var command = new Command("submit", "Start everything, submit a workflow, follow its logs, and exit with its result.") { file, set, setString };
        command.SetAction((parsed, cancellation) => Guarded(() =>
        {
            var workflow = new OneWorkflow(WorkflowFile.Open(parsed.GetRequiredValue(file)), [.. parsed.GetValue(set) ?? []], [.. parsed.GetValue(setString) ?? []]);
            return RunOne(parsed, workflow, cancellation);
        }, cancellation));
        return command;
    }

    private static Task<int> Serve(ParseResult parsed, CancellationToken cancellation) => WhileRunning(
        parsed,
        async (options, ending) =>
        {
            Welcome(options);
            try
            {
                await Task.Delay(Timeout.InfiniteTimeSpan, ending);
            }
            catch (OperationCanceledException) when (cancellation.IsCancellationRequested)
            {
                // Being told to stop is how serving ends.
            }

            return 0;
        },
        cancellation);

    private static Task<int> RunOne(ParseResult parsed, OneWorkflow workflow, CancellationToken cancellation)
    {
        if (Resolve(parsed).External is not null)
        {
            throw new StandaloneException("submit runs a workflow on this machine; with --operator external start the server and use osmo workflow submit.");
        }

        return WhileRunning(parsed, (options, ending) => workflow.Run(options.Url, ending), cancellation);
    }

    /// <summary>Starts everything, does the work once workflows are admitted, and stops everything.</summary>
    private static async Task<int> WhileRunning(
        ParseResult parsed, Func<StandaloneOptions, CancellationToken, Task<int>> work, CancellationToken cancellation)
    {
        var options = Resolve(parsed);
        using var held = DataDirectory.Hold(options.DataDirectory);
        ServicePort.EnsureFree(options.Url);
        await using var app = StandaloneHost.Build(options, parsed.GetValue(LogLevelOption));
        await ServiceProgram.Start(app, cancellation);
        using var ending = CancellationTokenSource.CreateLinkedTokenSource(cancellation, app.Lifetime.ApplicationStopping);
        try
        {
            if (options.External is null)
            {
                await app.Services.GetRequiredService<NodeRegistration>().Wait(ending.Token);
            }

            return await work(options, ending.Token);
        }
        catch (OperationCanceledException error) when (!cancellation.IsCancellationRequested && ending.IsCancellationRequested)
        {
            // The host stops by itself only when one of its services has failed.
            throw new StandaloneException("A part of the process failed, as told above; everything was stopped.", error);
        }
        finally
        {
            await app.StopAsync(CancellationToken.None);
        }
    }

    private static void Welcome(StandaloneOptions options) => Console.WriteLine($"""
            Osmo is running at {options.Url}  (data in {options.DataDirectory}; Ctrl-C stops it)

            In another terminal:
              dotnet run --project Osmo.Cli -- login --method dev --username {Environment.UserName} {options.Url.ToString().TrimEnd('/')}
              dotnet run --project Osmo.Cli -- workflow submit examples/hello.yaml --pool {StandaloneConfiguration.Pool}
              dotnet run --project Osmo.Cli -- workflow list
            """ + (options.External is null ? "" : $"""


            It waits for an operator:
              dotnet run --project Osmo.BackendOperator -- --kubeconfig FILE --namespace NAMESPACE --backend {StandaloneConfiguration.Backend} --service {options.Url}
            """));

    private static StandaloneOptions Resolve(ParseResult parsed)
    {
        var options = StandaloneOptions
            .Resolve(parsed.GetValue(DataDirectoryOption), parsed.GetValue(PortOption), parsed.GetValue(DatabaseOption), parsed.GetValue(ObjectsOption), Environment.GetEnvironmentVariable)
            .WithConfiguration(parsed.GetValue(ConfigurationOption), Environment.GetEnvironmentVariable)
            .WithOperator(
                parsed.GetValue(OperatorOption),
                parsed.GetValue(RuntimeImageOption),
                parsed.GetValue(ClientImageOption),
                parsed.GetValue(TaskUrlOption),
                parsed.GetValue(SchedulerOption),
                Environment.GetEnvironmentVariable);
        FileConflicts.Check(options);
        return options;
    }

    /// <summary>A wrong setting ends the program with one clear message; anything else is a bug and shows where it is.</summary>
    private static async Task<int> Guarded(Func<Task<int>> run, CancellationToken cancellation)
    {
        try
        {
            return await run();
        }
        catch (OperationCanceledException) when (cancellation.IsCancellationRequested)
        {
            await Console.Error.WriteLineAsync("osmo: Interrupted; tasks that ran were ended.");
            return ExitCodeInterrupted;
        }
        catch (Exception error) when (Explanation(error) is { } message)
        {
            await Console.Error.WriteLineAsync($"osmo: {message}");
            return 1;
        }
    }

    private static string? Explanation(Exception error) => error switch
    {
        StandaloneException or SettingsException or StorageConfigurationException or OptionsValidationException or ArgumentException => error.Message,
        IOException { InnerException: Microsoft.AspNetCore.Connections.AddressInUseException } => $"{error.Message} Choose another port with --port.",
        Cli.Client.OsmoClientException or Cli.CommandException => error.Message,
        _ => null,
    };
}
