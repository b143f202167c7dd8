namespace Osmo.EndToEnd.Tests;

/// <summary>A standalone that serves on a data directory.</summary>
internal sealed class Server : IAsyncDisposable
{
    private readonly StandaloneProcess _process;
    private readonly DataDirectory _data;

    private Server(StandaloneProcess process, DataDirectory data) => (_process, _data) = (process, data);

    /// <summary>Returns when it says that it is running.</summary>
    public static async Task<Server> Start(DataDirectory data, params IEnumerable<string> arguments)
    {
        var process = StandaloneProcess.Start([.. data.Arguments, .. arguments]);
        try
        {
            await process.Line(line => line.StartsWith("Osmo is running", StringComparison.Ordinal));
            return new Server(process, data);
        }
        catch
        {
            await process.DisposeAsync();
            throw;
        }
    }

    public User User(string name) => new(_data.Port, name);

    /// <summary>Without any chance to tidy up.</summary>
    public async Task Kill()
    {
        _process.Signal(Signals.Kill);
        await _process.End();
    }

    public Task<Ended> Stop(int signal = Signals.Terminate)
    {
        _process.Signal(signal);
        return _process.End();
    }

    public ValueTask DisposeAsync() => _process.DisposeAsync();
}
