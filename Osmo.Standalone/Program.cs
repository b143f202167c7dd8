using Osmo.Standalone;

return await StandaloneCommands.Create().Parse(args).InvokeAsync();
