using System.Diagnostics;
using System.Globalization;
using System.Net.Http.Headers;
using System.Text.Json;
using System.Text.Json.Nodes;
using Osmo.Bench.Load;

namespace Osmo.Bench.Server;

/// <summary>The server under test and a client of it. It ends when this is disposed or this process ends.</summary>
internal sealed class ServerProcess : IAsyncDisposable
{
    private static readonly TimeSpan StartLimit = TimeSpan.FromSeconds(60);

    private static readonly TimeSpan SettleLimit = TimeSpan.FromSeconds(20);

    private static readonly TimeSpan SettleLook = TimeSpan.FromMilliseconds(500);

    /// <summary>Used in each <see cref="SettleLook"/> by a server that does nothing.</summary>
    private static readonly TimeSpan RestingCpu = TimeSpan.FromMilliseconds(20);

    private static readonly TimeSpan StopLimit = TimeSpan.FromSeconds(30);

    private static readonly MediaTypeHeaderValue Json = new("application/json");

    private readonly Process _process;

    private bool _isDisposed;

    private ServerProcess(Process process, Uri address)
    {
        _process = process;
        Address = address;
        Client = new(new SocketsHttpHandler { UseProxy = false, UseCookies = false }) { BaseAddress = address };
        Client.DefaultRequestHeaders.Add("x-osmo-user", "bench");
    }

    public Uri Address { get; }

    public HttpClient Client { get; }

    /// <summary>Processor time that the server has used so far.</summary>
    public TimeSpan Cpu
    {
        get
        {
            _process.Refresh();
            return _process.TotalProcessorTime;
        }
    }

    /// <param name="port">0 for any.</param>
    public static async Task<ServerProcess> Start(string database, string folder, int port = 0)
    {
        var process = Process.Start(new ProcessStartInfo(
            Environment.ProcessPath!,
            [ServeCommand.Name, ServeCommand.DatabaseOption, database, ServeCommand.FolderOption, folder, ServeCommand.PortOption, port.ToString(CultureInfo.InvariantCulture)])
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            Environment = { ["DOTNET_GCgen0size"] = "0x1000000" }, // as in the images
        })!;
        try
        {
            var line = await process.StandardOutput.ReadLineAsync().WaitAsync(StartLimit);
            return line is not null && line.StartsWith(ServeCommand.ReadyPrefix, StringComparison.Ordinal)
                ? new(process, new Uri(line[ServeCommand.ReadyPrefix.Length..]))
                : throw new InvalidOperationException($"The server under test did not start; it said: {line}");
        }
        catch
        {
            process.Kill();
            process.Dispose();
            throw;
        }
    }

    /// <summary>Submits to the one pool there is; returns the workflow's id.</summary>
    public async Task<string> Submit(ReadOnlyMemory<byte> body)
    {
        using var content = new ReadOnlyMemoryContent(body);
        content.Headers.ContentType = Json;
        using var response = await Client.PostAsync($"/api/pool/{ServedConfiguration.Pool}/workflow", content);
        var answer = await response.Content.ReadAsByteArrayAsync();
        if (!response.IsSuccessStatusCode) throw new InvalidOperationException($"A submit was refused: {System.Text.Encoding.UTF8.GetString(answer)}");
        using var document = JsonDocument.Parse(answer);
        return document.RootElement.GetProperty("name").GetString()!;
    }

    public async Task<JsonNode> Workflow(string id, string query = "")
    {
        using var response = await Client.GetAsync($"/api/workflow/{id}{query}");
        response.EnsureSuccessStatusCode();
        return (await JsonNode.ParseAsync(await response.Content.ReadAsStreamAsync()))!;
    }

    /// <summary>Waits, after a warm-up, until the server is at rest: its runtime goes on optimizing what was used. Bounded.</summary>
    public async Task Settle()
    {
        var watch = Stopwatch.StartNew();
        for (TimeSpan before, used = TimeSpan.MaxValue; used > RestingCpu && watch.Elapsed < SettleLimit; used = Cpu - before)
        {
            before = Cpu;
            await Task.Delay(SettleLook);
        }
    }

    /// <summary>Callers in a closed loop, and what they cost the server.</summary>
    public async Task<Measured> Run(int callers, TimeSpan duration, Func<int, Task> call)
    {
        var before = Cpu;
        var measured = await ClosedLoop.Run(callers, duration, call);
        return measured with { ServerCpu = (Cpu - before).TotalMilliseconds / measured.Calls };
    }

    public async Task Empty()
    {
        using var response = await Client.GetAsync(RawEndpoints.Empty);
        response.EnsureSuccessStatusCode();
    }

    public async Task<MemoryUse> Memory() => JsonSerializer.Deserialize<MemoryUse>(await Client.GetStringAsync(RawEndpoints.Memory))!;

    /// <summary>As a power cut would end it.</summary>
    public void Kill() => _process.Kill();

    public async ValueTask DisposeAsync()
    {
        if (_isDisposed) return;
        _isDisposed = true;
        Client.Dispose();
        using (_process)
        {
            _process.StandardInput.Close();
            try
            {
                await _process.WaitForExitAsync().WaitAsync(StopLimit);
            }
            catch (TimeoutException)
            {
                _process.Kill();
            }
        }
    }
}
