using System.CommandLine;
using Osmo.Standalone;

return await StandaloneCommands.Create().Parse(args).InvokeAsync();
