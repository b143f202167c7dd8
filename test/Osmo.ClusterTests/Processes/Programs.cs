namespace Osmo.ClusterTests.Processes;

/// <summary>The programs built beside these tests: same engine, same configuration.</summary>
internal static class Programs
{
    public static string Silo => Find("Osmo.Silo");

    public static string Gateway => Find("Osmo.Gateway");

    public static string Operator => Find("Osmo.BackendOperator");

    public static string Runtime => Find("Osmo.Runtime");

    private static string Find(string name)
    {
        // artifacts/<engine>/bin/<project>/<configuration>/
        var own = new DirectoryInfo(AppContext.BaseDirectory);
        var program = Path.Combine(own.Parent!.Parent!.FullName, name, own.Name, name);
        return File.Exists(program) ? program : throw new InvalidOperationException($"{program} is not built.");
    }
}
