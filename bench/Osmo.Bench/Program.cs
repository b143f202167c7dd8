using System.CommandLine;
using Osmo.Bench.Engine;
using Osmo.Bench.Storage;

var root = new RootCommand("Measures Osmo against the raw limit of the machine it runs on, in the same run.")
{
    StorageBench.Command(),
    EngineBench.Command(),
};
return await root.Parse(args).InvokeAsync();
