using System.CommandLine;
using Osmo.Bench.Cluster;
using Osmo.Bench.Engine;
using Osmo.Bench.Events;
using Osmo.Bench.Language;
using Osmo.Bench.Logs;
using Osmo.Bench.Reads;
using Osmo.Bench.Server;
using Osmo.Bench.Storage;
using Osmo.Bench.Submits;
using Osmo.Bench.WholePath;

var root = new RootCommand("Measures Osmo against the raw limit of the machine it runs on, in the same run.")
{
    StorageBench.Command(),
    EngineBench.Command(),
    LanguageBench.Command(),
    SubmitBench.Command(),
    ReadsBench.Command(),
    EventsBench.Command(),
    LogsBench.Command(),
    PathBench.Command(),
    ClusterBench.Command(),
    ServeCommand.Command(),
};
return await root.Parse(args).InvokeAsync();
