using System.Net;
using System.Net.Sockets;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging.Abstractions;
using Npgsql;
using Osmo.Storage.Objects;
using Osmo.Storage.PostgreSql;
using Osmo.Storage.Queries;
using Osmo.Storage.State;

namespace Osmo.Storage.Tests;

public sealed class StorageOptionsTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("osmo-storage-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Theory]
    [InlineData("", "file:x", "Database is not set")]
    [InlineData("sqlite:", "file:x", "names no file")]
    [InlineData("mysql://h/db", "file:x", "no database this program knows")]
    [InlineData("Host=h;Sillyness=1", "file:x", "PostgreSQL address cannot be read")]
    [InlineData("postgres://h:notaport/db", "file:x", "PostgreSQL address cannot be read")]
    [InlineData("sqlite:x.db", "", "Objects is not set")]
    [InlineData("sqlite:x.db", "file:", "names no folder")]
    [InlineData("sqlite:x.db", "ftp://x", "no store this program knows")]
    [InlineData("sqlite:x.db", "s3://", "names no bucket")]
    [InlineData("sqlite:x.db", "s3://b?endpoint=nowhere", "'endpoint=nowhere' is not understood")]
    [InlineData("sqlite:x.db", "s3://b?regoin=x", "'regoin=x' is not understood")]
    public void Create_WrongSetting_NamesItAndTheFix(string database, string objects, string expected)
    {
        var error = Assert.Throws<StorageConfigurationException>(() => New(new() { Database = database, Objects = objects }));
        Assert.Contains(expected, error.Message, StringComparison.Ordinal);
        Assert.Contains("Use '", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Create_OneOfTwoKeys_IsRefused() => Assert.Throws<StorageConfigurationException>(
        () => New(new() { Database = "sqlite:x.db", Objects = "s3://b?region=eu-central-1", ObjectsAccessKey = "only" }));

    [Theory]
    [InlineData(0)]
    [InlineData(17)]
    public void Create_WritersOutOfRange_NamesTheRange(int writers)
    {
        var error = Assert.Throws<StorageConfigurationException>(
            () => New(new() { Database = "postgres://h/db", Objects = "file:x", DatabaseWriters = writers }));
        Assert.Contains("1 to 16", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void PostgresUrl_Parts_AreDecoded()
    {
        var address = PostgresUrl.Parse("postgres://ann%40corp:p%2Fw%3A@db.example:6432/osmo?sslmode=Require&Search%20Path=s");
        Assert.Equal(("db.example", 6432, "ann@corp", "p/w:", "osmo"), (address.Host, address.Port, address.Username, address.Password, address.Database));
        Assert.Equal(SslMode.Require, address.SslMode);
        Assert.Equal("s", address.SearchPath);
    }

    [Theory]
    [InlineData("disable", SslMode.Disable)]
    [InlineData("allow", SslMode.Allow)]
    [InlineData("prefer", SslMode.Prefer)]
    [InlineData("require", SslMode.Require)]
    [InlineData("verify-ca", SslMode.VerifyCA)]
    [InlineData("verify-full", SslMode.VerifyFull)]
    [InlineData("VerifyFull", SslMode.VerifyFull)]
    public void PostgresUrl_SslMode_IsUnderstoodAsPostgresWritesIt(string written, SslMode expected) =>
        Assert.Equal(expected, PostgresUrl.Parse($"postgres://h/db?sslmode={written}").SslMode);

    [Fact]
    public void PostgresUrl_AnotherSslMode_NamesThoseThereAre()
    {
        var error = Assert.Throws<StorageConfigurationException>(() => PostgresUrl.Parse("postgres://u:s3cret@h/db?sslmode=verify"));
        Assert.Contains("sslmode is 'verify'; allowed are disable, allow, prefer, require, verify-ca, verify-full.", error.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("s3cret", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Open_PostgresUnreachable_NamesSettingAndKeepsThePassword()
    {
        // It has a port and does not listen there; nor can anybody else meanwhile.
        using var closed = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { ExclusiveAddressUse = true };
        closed.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        var port = ((IPEndPoint)closed.LocalEndPoint!).Port;
        var error = await Refused(new() { Database = $"postgres://u:s3cret@127.0.0.1:{port}/db", Objects = $"file:{_folder}/o" });
        Assert.StartsWith("Database: PostgreSQL cannot be reached", error.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("s3cret", error.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Open_FolderCannotBeMade_SaysSo()
    {
        await File.WriteAllTextAsync(Path.Combine(_folder, "file"), "");
        var error = await Refused(new() { Database = $"sqlite:{_folder}/file/osmo.db", Objects = $"file:{_folder}/o" });
        Assert.StartsWith("Database: ", error.Message, StringComparison.Ordinal);
        Assert.Contains("name another path", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Open_FileIsNoDatabase_SaysSo()
    {
        var path = Path.Combine(_folder, "text.db");
        await File.WriteAllTextAsync(path, string.Concat(Enumerable.Repeat("This is not a database. ", 100)));
        var error = await Refused(new() { Database = $"sqlite:{path}", Objects = $"file:{_folder}/o" });
        Assert.Contains("cannot be used as a SQLite database", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Open_FileInUse_SaysSo()
    {
        var options = new StorageOptions { Database = $"sqlite:{_folder}/osmo.db", Objects = $"file:{_folder}/o" };
        await using var first = await OsmoStorage.Open(options, TimeProvider.System, NullLoggerFactory.Instance);
        var error = await Refused(options);
        Assert.Contains("Stop the other process", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Read_BeforeOpen_IsAnError()
    {
        await using var storage = New(new() { Database = $"sqlite:{_folder}/osmo.db", Objects = $"file:{_folder}/o" });
        await Assert.ThrowsAsync<InvalidOperationException>(() => storage.State.Read(new(RowKind.Workflow, "w")));
    }

    [Fact]
    public async Task AddOsmoStorage_OpensBeforeOtherServicesStart()
    {
        var builder = Host.CreateEmptyApplicationBuilder(new());
        builder.Services.AddHostedService<FirstUser>();
        builder.Services.AddOsmoStorage(new() { Database = $"sqlite:{_folder}/osmo.db", Objects = $"file:{_folder}/o" });
        using var host = builder.Build();
        await host.StartAsync();
        Assert.NotNull(await host.Services.GetRequiredService<IStateStore>().Read(new(RowKind.Document, "first")));
        Assert.Empty(await host.Services.GetRequiredService<IWorkflowQueries>().Users());
        Assert.Null(await host.Services.GetRequiredService<IObjectStore>().Read("none"));
        await host.StopAsync();
    }

    private static OsmoStorage New(StorageOptions options) => new(options, TimeProvider.System, NullLoggerFactory.Instance);

    private static Task<StorageConfigurationException> Refused(StorageOptions options) => Assert.ThrowsAsync<StorageConfigurationException>(
        () => OsmoStorage.Open(options, TimeProvider.System, NullLoggerFactory.Instance));

    private sealed class FirstUser(IStateStore store) : IHostedService
    {
        public Task StartAsync(CancellationToken cancellationToken) =>
            store.Commit([new RowWrite.Insert(new(RowKind.Document, "first"), "{}"u8.ToArray())], cancellationToken);

        public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;
    }
}
