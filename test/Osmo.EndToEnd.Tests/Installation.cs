namespace Osmo.EndToEnd.Tests;

/// <summary>What these tests start and submit: the programs beside them in the build output, the examples in the source tree.</summary>
internal static class Installation
{
    /// <summary>The program built with these tests: same engine, same configuration.</summary>
    public static string Standalone { get; } = FindProgram();

    public static string Example(string name) => Path.Combine(FindRoot(), "examples", $"{name}.yaml");

    private static string FindProgram()
    {
        // artifacts/<engine>/bin/<project>/<configuration>/
        var own = new DirectoryInfo(AppContext.BaseDirectory);
        var program = Path.Combine(own.Parent!.Parent!.FullName, "Osmo.Standalone", own.Name, "Osmo.Standalone");
        return File.Exists(program) ? program : throw new InvalidOperationException($"{program} is not built.");
    }

    private static string FindRoot()
    {
        for (var directory = new DirectoryInfo(AppContext.BaseDirectory); directory is not null; directory = directory.Parent)
        {
            if (File.Exists(Path.Combine(directory.FullName, "Osmo.sln")))
            {
                return directory.FullName;
            }
        }

        throw new InvalidOperationException($"No Osmo.sln above {AppContext.BaseDirectory}.");
    }
}
