using Microsoft.Extensions.Logging.Abstractions;
using Osmo.Storage;

namespace Osmo.Silo.Tests;

/// <summary>A folder with a SQLite database, gone with the test.</summary>
public sealed class StateFolder : IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("osmo-silo-");

    public StorageOptions Options => new()
    {
        Database = $"sqlite:{Path.Combine(_folder.FullName, "state.db")}",
        Objects = $"file:{_folder.FullName}/objects",
    };

    public Task<OsmoStorage> Open() => OsmoStorage.Open(Options, TimeProvider.System, NullLoggerFactory.Instance);

    public void Dispose() => _folder.Delete(recursive: true);
}
