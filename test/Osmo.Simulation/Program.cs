using Osmo.Simulation.Running;

return await SimulateCommand.Create().Parse(args).InvokeAsync();
