using Microsoft.Extensions.Logging.Abstractions;

namespace Osmo.Storage.Tests.State;

public sealed class SqliteStateStoreTests : StateStoreContract
{
    private readonly string _folder = Directory.CreateTempSubdirectory("osmo-storage-").FullName;

    protected override Task<OsmoStorage> Open() => OsmoStorage.Open(
        new StorageOptions { Database = $"sqlite:{_folder}/osmo.db", Objects = $"file:{_folder}/objects" }, TimeProvider.System, NullLoggerFactory.Instance);

    public override async Task DisposeAsync()
    {
        await base.DisposeAsync();
        Directory.Delete(_folder, recursive: true);
    }
}
