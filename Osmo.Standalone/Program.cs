using System.CommandLine;
using Osmo.Standalone;

// A signal asks for a stop in good order, which the parts bound by their own grace periods; this limit is for one that hangs.
var invocation = new InvocationConfiguration { ProcessTerminationTimeout = TimeSpan.FromMinutes(1) };
return await StandaloneCommands.Create().Parse(args).InvokeAsync(invocation);
