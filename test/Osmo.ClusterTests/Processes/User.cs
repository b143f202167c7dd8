using System.Diagnostics;
using System.Net;
using System.Net.Http.Json;
using System.Text.Json.Nodes;

namespace Osmo.ClusterTests.Processes;

/// <summary>
/// Somebody who uses the service through the balancer, and does what every client does: tries again what found nobody, or was asked to try again.
/// </summary>
internal sealed class User(Uri service) : IDisposable
{
    private static readonly TimeSpan RetryPeriod = TimeSpan.FromMilliseconds(250);

    private readonly HttpClient _http = Client(service);

    /// <summary>Requests that were tried again.</summary>
    public int Retries { get; private set; }

    /// <summary>Submits until it is answered: who is asked to try again, or meets a gateway that is leaving, does so.</summary>
    public async Task<string> SubmitPatiently(string spec)
    {
        using var pause = new PeriodicTimer(RetryPeriod);
        var started = Stopwatch.GetTimestamp();
        while (true)
        {
            try
            {
                return await Submit(spec);
            }
            catch (HttpRequestException error) when (
                error.StatusCode is null or HttpStatusCode.ServiceUnavailable && Stopwatch.GetElapsedTime(started) < Member.Patience)
            {
                Retries++;
                await pause.WaitForNextTickAsync();
            }
        }
    }

    /// <returns>The workflow's id.</returns>
    public async Task<string> Submit(string spec)
    {
        using var answer = await _http.PostAsJsonAsync("/api/pool/default/workflow", new { file = spec });
        var text = await answer.Content.ReadAsStringAsync();
        return answer.StatusCode == HttpStatusCode.OK
            ? JsonNode.Parse(text)!["name"]!.GetValue<string>()
            : throw new HttpRequestException($"Submit: {(int)answer.StatusCode} {text}", inner: null, answer.StatusCode);
    }

    public async Task<bool> SeesResources() => JsonNode.Parse(await Get("/api/resources?all_pools=true"))!["resources"]!.AsArray().Count > 0;

    public async Task<string> Status(string id) => JsonNode.Parse(await Get($"/api/workflow/{id}"))!["status"]!.GetValue<string>();

    /// <summary>Waits for a status.</summary>
    public Task Reaches(string id, params string[] statuses) =>
        Eventually.Holds(async () => Array.IndexOf(statuses, await Status(id)) >= 0, () => $"{id} is not {string.Join(" or ", statuses)}", Member.Patience);

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
                    answer.EnsureSuccessStatusCode();
                    return await answer.Content.ReadAsStringAsync(limit.Token);
                }
            }
            catch (Exception error) when (error is IOException or HttpRequestException { StatusCode: null })
            {
                // The gateway it was connected to is gone.
            }

            Retries++;
            await pause.WaitForNextTickAsync(limit.Token);
        }
    }

    public void Dispose() => _http.Dispose();

    private static HttpClient Client(Uri service)
    {
        // A connection per request: each one may meet another gateway.
        var http = new HttpClient(new SocketsHttpHandler { PooledConnectionLifetime = TimeSpan.Zero }) { BaseAddress = service, Timeout = Member.Patience };
        http.DefaultRequestHeaders.Add("x-osmo-user", "ann");
        return http;
    }
}
