using System.CommandLine;
using Osmo.Standalone;

// A signal is a request to stop in good order; what bounds the stop are the grace periods of the parts, so a process that hangs may still be killed.
var invocation = new InvocationConfiguration { ProcessTerminationTimeout = TimeSpan.FromMinutes(1) };
return await StandaloneCommands.Create().Parse(args).InvokeAsync(invocation);
