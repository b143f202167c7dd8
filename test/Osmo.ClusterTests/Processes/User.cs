using System.Diagnostics;
using System.Net;
using System.Net.Http.Json;
using System.Text.Json.Nodes;

namespace Osmo.ClusterTests.Processes;

/// <summary>
/// Somebody who uses the service through the balancer, and does what every client does: tries again what found nobody, or was asked to try again.
/// </summary>
/// <param name="patience">How long one request may take.</param>
internal sealed class User(Uri service, TimeSpan patience) : IDisposable
{
    private const string DefaultPool = "default";

    private static readonly TimeSpan RetryPeriod = TimeSpan.FromMilliseconds(250);

    private static readonly TimeSpan ConnectionLife = TimeSpan.FromSeconds(1);

    private static readonly TimeSpan EndPeriod = TimeSpan.FromMilliseconds(400);

    private readonly HttpClient _http = Client(service, patience);
    private int _retries;

    /// <summary>Requests that were tried again.</summary>
    public int Retries => _retries;

    /// <summary>Submits until it is answered: who is asked to try again, or meets a gateway that is leaving, does so.</summary>
    public async Task<string> SubmitPatiently(string spec, string pool = DefaultPool)
    {
        using var pause = new PeriodicTimer(RetryPeriod);
        var started = Stopwatch.GetTimestamp();
        while (true)
        {
            try
            {
                return await Submit(spec, pool);
            }
            catch (Exception error) when (MayPass(error) && Stopwatch.GetElapsedTime(started) < Member.Patience)
            {
                Interlocked.Increment(ref _retries);
                await pause.WaitForNextTickAsync();
            }
        }
    }

    /// <returns>The workflow's id.</returns>
    public async Task<string> Submit(string spec, string pool = DefaultPool)
    {
        using var answer = await _http.PostAsJsonAsync($"/api/pool/{pool}/workflow", new { file = spec });
        var text = await answer.Content.ReadAsStringAsync();
        return answer.StatusCode == HttpStatusCode.OK
            ? JsonNode.Parse(text)!["name"]!.GetValue<string>()
            : throw new HttpRequestException($"Submit: {(int)answer.StatusCode} {text}", inner: null, answer.StatusCode);
    }

    /// <summary>How many nodes the service knows.</summary>
    public async Task<int> Resources() => JsonNode.Parse(await Get("/api/resources?all_pools=true"))!["resources"]!.AsArray().Count;

    public async Task<string> Status(string id) => JsonNode.Parse(await Get($"/api/workflow/{id}"))!["status"]!.GetValue<string>();

    /// <summary>Waits for a status.</summary>
    public Task Reaches(string id, params string[] statuses) =>
        Eventually.Holds(async () => Array.IndexOf(statuses, await Status(id)) >= 0, () => $"{id} is not {string.Join(" or ", statuses)}", Member.Patience);

    /// <summary>Waits for the end of a workflow, without asking often.</summary>
    /// <returns>Its status.</returns>
    public async Task<string> End(string id)
    {
        using var clock = new PeriodicTimer(EndPeriod);
        string status;
        while (IsOngoing(status = await Status(id)))
        {
            await clock.WaitForNextTickAsync();
        }

        return status;
    }

    public static bool IsOngoing(string status) => status is "PENDING" or "RUNNING" or "WAITING";

    /// <summary>The log of a workflow that has ended, in lines.</summary>
    public async Task<string[]> Log(string id) => (await Get($"/api/workflow/{id}/logs")).Split('\n', StringSplitOptions.RemoveEmptyEntries);

    /// <summary>Reading may be tried as often as one likes.</summary>
    public async Task<string> Get(string path)
    {
        using var limit = new CancellationTokenSource(Member.Patience);
        using var pause = new PeriodicTimer(RetryPeriod);
        while (true)
        {
            try
            {
                using var answer = await _http.GetAsync(path, limit.Token);
                if (answer.StatusCode != HttpStatusCode.ServiceUnavailable)
                {
                    var text = await answer.Content.ReadAsStringAsync(limit.Token);
                    return answer.IsSuccessStatusCode
                        ? text
                        : throw new HttpRequestException($"GET {path}: {(int)answer.StatusCode} {text}", inner: null, answer.StatusCode);
                }
            }
            catch (Exception error) when (MayPass(error) && !limit.IsCancellationRequested)
            {
                // The gateway it was connected to is gone, or does not answer.
            }

            Interlocked.Increment(ref _retries);
            await pause.WaitForNextTickAsync(limit.Token);
        }
    }

    public void Dispose() => _http.Dispose();

    private static bool MayPass(Exception error) =>
        error is IOException or TaskCanceledException or HttpRequestException { StatusCode: null or HttpStatusCode.ServiceUnavailable };

    private static HttpClient Client(Uri service, TimeSpan patience)
    {
        // Connections do not live long: each soon meets another gateway.
        var http = new HttpClient(new SocketsHttpHandler { PooledConnectionLifetime = ConnectionLife }) { BaseAddress = service, Timeout = patience };
        http.DefaultRequestHeaders.Add("x-osmo-user", "ann");
        return http;
    }
}
