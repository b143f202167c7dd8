using System.Collections;
using System.Runtime.InteropServices;
using Osmo.Runtime;
using Osmo.Runtime.Pods;

const int UsageCode = 2;

using var terminated = new CancellationTokenSource();
using var onTerminate = PosixSignalRegistration.Create(PosixSignal.SIGTERM, Terminate);
using var onInterrupt = PosixSignalRegistration.Create(PosixSignal.SIGINT, Terminate);

var commandLine = Environment.GetCommandLineArgs();
var environment = new RoleEnvironment
{
    Variables = Variables(),
    WorkingDirectory = Environment.CurrentDirectory,
    Output = Console.OpenStandardError(),
};

// Kubernetes starts the roles by the names under which osmo_init placed this program.
if (Roles.OfProgram(Environment.ProcessPath ?? commandLine[0]) is { } named)
    return await named.Run(args, environment, terminated.Token);
if (args is ["pod", var directory])
    return await PodSupervisor.Run(directory, environment, terminated.Token);
if (args.Length > 0 && Roles.OfArgument(args[0]) is { } role)
    return await role.Run(args[1..], environment, terminated.Token);
await Console.Error.WriteLineAsync(
    $"Osmo.Runtime: '{string.Join(' ', args.Take(1))}' is not a role; allowed are {Roles.Allowed} (pod takes the pod's directory).");
return UsageCode;

void Terminate(PosixSignalContext signal)
{
    signal.Cancel = true;
    terminated.Cancel();
}

static Dictionary<string, string> Variables()
{
    var variables = new Dictionary<string, string>(StringComparer.Ordinal);
    foreach (DictionaryEntry variable in Environment.GetEnvironmentVariables())
        variables[(string)variable.Key] = (string?)variable.Value ?? "";
    return variables;
}
