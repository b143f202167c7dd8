namespace Osmo.Hosting.Tests;

/// <summary>The files that these tests hold against the programs.</summary>
internal static class SourceTree
{
    public static string Root { get; } = Find();

    private static string Find()
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
