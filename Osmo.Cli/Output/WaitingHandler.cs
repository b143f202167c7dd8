using Spectre.Console;

namespace Osmo.Cli.Output;

/// <summary>Shows on the terminal of stderr that the service is being waited for, once that takes a while.</summary>
internal sealed class WaitingHandler(HttpMessageHandler inner, TextWriter error, TimeProvider time) : DelegatingHandler(inner)
{
    /// <summary>Answers that come within this are not announced.</summary>
    public static readonly TimeSpan Patience = TimeSpan.FromMilliseconds(800);

    protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        var answer = base.SendAsync(request, cancellationToken);
        using var answered = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var patience = Task.Delay(Patience, time, answered.Token);
        if (await Task.WhenAny(answer, patience) == answer || cancellationToken.IsCancellationRequested)
        {
            await answered.CancelAsync();
            return await answer;
        }

        return await AnsiConsole.Create(new AnsiConsoleSettings { Out = new AnsiConsoleOutput(error) })
            .Status().StartAsync($"Waiting for {Markup.Escape(request.RequestUri!.Authority)}", _ => answer);
    }
}
