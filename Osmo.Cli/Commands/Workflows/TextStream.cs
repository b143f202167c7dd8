using Osmo.Cli.Client;

namespace Osmo.Cli.Commands.Workflows;

/// <summary>Prints a text of the service while it comes, exactly as it is (contract: cli §14).</summary>
internal static class TextStream
{
    public const string LogsBrokeOff = "Log stream has timed out or failed. Please run the command again to continue viewing logs.";
    public const string EventsBrokeOff = "Event stream has timed out or failed. Please run the command again to continue viewing events.";

    /// <param name="title">Printed before the text, once the service has agreed to send it; null for none.</param>
    public static async Task Copy(
        IAsyncEnumerable<ReadOnlyMemory<char>> text, TextWriter output, string? title, CancellationToken cancellation)
    {
        var last = '\n';
        var isOpen = false;
        await foreach (var piece in text.WithCancellation(cancellation))
        {
            if (!isOpen && title is not null)
            {
                output.Write($"{title}\n");
            }

            isOpen = true;
            last = piece.Span[^1];
            await output.WriteAsync(piece, cancellation);
            await output.FlushAsync(cancellation);
        }

        if (!isOpen && title is not null)
        {
            output.Write($"{title}\n");
        }

        if (last != '\n')
        {
            output.Write('\n');
        }
    }

    /// <summary>As <see cref="Copy"/>, but a stream that breaks off is only remarked on: what was printed stays true.</summary>
    public static async Task Follow(
        IAsyncEnumerable<ReadOnlyMemory<char>> text, TextWriter output, string title, string brokeOff, CancellationToken cancellation)
    {
        try
        {
            await Copy(text, output, title, cancellation);
        }
        catch (OsmoClientException error) when (error.StreamCut)
        {
            output.Write($"\n{brokeOff}\n");
        }
    }
}
