using System.CommandLine;
using System.CommandLine.Invocation;
using Osmo.Standalone;

// A signal asks for a stop in good order, which the parts bound by their own grace periods; this limit is for one that hangs.
var invocation = new InvocationConfiguration { ProcessTerminationTimeout = TimeSpan.FromMinutes(1) };
var parsed = StandaloneCommands.Create().Parse(args);
if (parsed.Action is ParseErrorAction wrong)
{
    // The page of help would push the one line that matters off the screen.
    wrong.ShowHelp = false;
}

return await parsed.InvokeAsync(invocation);
