namespace Osmo.EndToEnd.Tests;

/// <summary>One serving standalone for all tests of a class.</summary>
public sealed class ServedDirectory : IAsyncLifetime
{
    private Server? _server;

    internal DataDirectory Data { get; } = new();

    internal Server Server => _server!;

    public async Task InitializeAsync() => _server = await Server.Start(Data);

    public async Task DisposeAsync()
    {
        if (_server is not null)
        {
            await _server.Stop();
            await _server.DisposeAsync();
        }

        Data.Dispose();
    }
}
