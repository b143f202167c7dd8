using Osmo.ClusterTests.Harness;

namespace Osmo.ClusterTests;

/// <summary>These tests as a command: a cluster under load and under fire, for as long as one likes.</summary>
internal static class Program
{
    public static async Task<int> Main(string[] args)
    {
        try
        {
            return await HarnessRun.Start(HarnessOptions.Parse(args), Console.Out);
        }
        catch (FormatException error)
        {
            await Console.Error.WriteLineAsync(error.Message);
            return 2;
        }
    }
}
