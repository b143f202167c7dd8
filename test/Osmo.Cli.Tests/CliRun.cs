using System.Collections.Immutable;
using System.Text;

namespace Osmo.Cli.Tests;

/// <summary>One call of <c>osmo</c> in this process.</summary>
internal sealed record CliRun(int ExitCode, string Output, string Error)
{
    /// <param name="home">Holds <c>login.yaml</c>.</param>
    public static async Task<CliRun> Of(
        TemporaryDirectory home, IEnumerable<string> words, TimeProvider? time = null, CancellationToken cancellation = default)
    {
        using var output = new StringWriter(new StringBuilder());
        using var error = new StringWriter(new StringBuilder());
        using var network = new SocketsHttpHandler();
        using var http = new HttpClient(network) { Timeout = Timeout.InfiniteTimeSpan };
        var surroundings = new Surroundings
        {
            Output = output,
            Error = error,
            OutputIsRedirected = true,
            ConfigDirectory = home.Path,
            Http = http,
            Time = time ?? new UtcTime(),
            SendsUserWithToken = false,
        };
        var exitCode = await OsmoProgram.Run([.. words], surroundings, cancellation);
        return new CliRun(exitCode, output.ToString(), error.ToString());
    }

    /// <summary>As <see cref="Of"/>, logged in by name at a service.</summary>
    public static async Task<CliRun> At(Uri service, params ImmutableArray<string> words)
    {
        using var home = new TemporaryDirectory();
        home.Write("login.yaml", LoginAt(service));
        return await Of(home, words);
    }

    public static string LoginAt(Uri service) =>
        $"dev_login: {{username: testuser}}\nname: testuser\nosmo_token: false\ntoken_login: null\nurl: {service}\n";

    private sealed class UtcTime : TimeProvider
    {
        public override TimeZoneInfo LocalTimeZone => TimeZoneInfo.Utc;
    }
}
