using Microsoft.Extensions.Hosting;
using Osmo.Hosting.Settings;
using Osmo.Silo;

namespace Osmo.Hosting.Tests;

public sealed class SettingsTests : IDisposable
{
    private const string Database = "--Osmo:Storage:Database=postgres://osmo@db/osmo";
    private const string Objects = "--Osmo:Storage:Objects=s3://osmo";

    private readonly string _folder = Directory.CreateTempSubdirectory("osmo-settings-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Theory]
    [InlineData("Osmo:Storage:Database", "--Osmo:Storage:Database=sqlite:osmo.db", Objects)]
    [InlineData("Osmo:Storage:Database must name a PostgreSQL database", Objects)]
    [InlineData("Osmo:Storage:Objects is not set", Database)]
    [InlineData("Osmo:Cluster:ProbeTimeout is 00:00:00; allowed are 00:00:00.5000000 to 00:01:00", Database, Objects, "--Osmo:Cluster:ProbeTimeout=0")]
    [InlineData("Osmo:Cluster:MissedProbes is 0; allowed are 1 to 100", Database, Objects, "--Osmo:Cluster:MissedProbes=0")]
    [InlineData("Osmo:Cluster:MissedProbes", Database, Objects, "--Osmo:Cluster:MissedProbes=few")]
    [InlineData("Osmo:Cluster:TlsKey, Osmo:Cluster:TlsAuthority must be set too", Database, Objects, "--Osmo:Cluster:TlsCertificate=/dev/null")]
    [InlineData("Osmo:Process:ManagementEndpoint is 'here'", Database, Objects, "--Osmo:Process:ManagementEndpoint=here")]
    [InlineData("Osmo:Process:StopTimeout is 00:00:00", Database, Objects, "--Osmo:Process:StopTimeout=0")]
    [InlineData("Osmo:Process:DrainDelay is 10.00:00:00; allowed are 00:00:00 to 01:00:00, written as hours:minutes:seconds", Database, Objects, "--Osmo:Process:DrainDelay=10")]
    [InlineData("Osmo:Process:DrainDelay is -00:00:01", Database, Objects, "--Osmo:Process:DrainDelay=-00:00:01")]
    [InlineData("Osmo:Process:StopTimeout is 1.00:00:00; allowed are 00:00:01 to 01:00:00", Database, Objects, "--Osmo:Process:StopTimeout=1")]
    [InlineData("Osmo:Cluster:ProbeTimeout is 1.00:00:00", Database, Objects, "--Osmo:Cluster:ProbeTimeout=1")]
    [InlineData("Osmo:Silo:SiloPrt: this program has no such setting. It has Osmo:Cluster:ClusterId", Database, Objects, "--Osmo:Silo:SiloPrt=1")]
    [InlineData("verbose: this program has no such setting", Database, Objects, "--verbose=true")]
    [InlineData("--config /nowhere.json", "--config", "/nowhere.json")]
    [InlineData("docs/operations.md", "--help")]
    public void AddOsmoService_WithAWrongSetting_SaysWhichAndWhatIsAllowed(string message, params string[] arguments)
    {
        var error = Assert.Throws<SettingsException>(() => Read(arguments));

        Assert.Contains(message, error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void AddOsmoService_FileEnvironmentAndCommandLine_TheLatterWins()
    {
        var file = Path.Combine(_folder, "osmo.json");
        File.WriteAllText(
            file,
            """{ "Osmo": { "Cluster": { "ClusterId": "file", "MissedProbes": 7 }, "Process": { "DrainDelay": "00:00:07" }, "Storage": { "Objects": "s3://file" } } }""");


        var settings = Read("--config", file, Database, "--Osmo:Cluster:ClusterId=line");

        Assert.Equal(("line", 7), (settings.Cluster.ClusterId, settings.Cluster.MissedProbes));
        Assert.Equal(TimeSpan.FromSeconds(7), settings.Process.DrainDelay);
        Assert.Equal(("postgres://osmo@db/osmo", "s3://file"), (settings.Storage.Database, settings.Storage.Objects));
    }

    [Fact]
    public void AddOsmoService_WithAMisspeltSettingInTheFile_NamesIt()
    {
        var file = Path.Combine(_folder, "osmo.json");
        File.WriteAllText(file, """{ "Osmo": { "Clustre": { "ClusterId": "a" } } }""");

        var error = Assert.Throws<SettingsException>(() => Read($"--config={file}", Database, Objects));

        Assert.StartsWith("Osmo:Clustre:ClusterId: this program has no such setting.", error.Message, StringComparison.Ordinal);
    }

    private static ServiceSettings Read(params string[] arguments) =>
        Host.CreateEmptyApplicationBuilder(null).AddOsmoService(SiloProgram.Sections, arguments);
}
