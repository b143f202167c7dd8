using System.Collections.Immutable;
using System.Text.RegularExpressions;
using Osmo.Gateway.Sockets;
using Osmo.Grains.Interfaces;
using Osmo.Protocol.Backend;
using static Osmo.Gateway.Conventions.Transient;

namespace Osmo.Gateway.Operators;

/// <summary>The down-stream of a listener: node-condition rules at once and whenever they change (contract: backend-protocol §6).</summary>
internal sealed class ControlSession(IGrainFactory grains, MessageSocket socket, string backend, OperatorLog log, ConnectionLog said)
{
    private static readonly TimeSpan MatchTimeMax = TimeSpan.FromMilliseconds(100);

    public Task<Exception?> Run(CancellationToken stopping) => SocketEnd.Run(socket, stopping, Listen, Push);

    /// <summary>The listener says who it is and then only reads.</summary>
    private async Task Listen(CancellationToken cancellation)
    {
        while (await socket.Receive(cancellation) is { } frame)
        {
            if (BackendCodec.Decode(frame.Span) is DecodedMessage.Accepted { Message: BackendMessage.Logging line })
            {
                said.Line(line);
            }
        }
    }

    private async Task Push(CancellationToken cancellation)
    {
        for (long known = 0; ;)
        {
            var current = await Retry(() => grains.GetGrain<IBackendGrain>(backend).WaitForRules(known, cancellation), cancellation);
            cancellation.ThrowIfCancellationRequested();
            if (current.Version > known)
            {
                known = current.Version;
                var rules = new BackendMessage.NodeConditions(Safe(current.Rules));
                await socket.SendText(BackendCodec.Encode(rules, Guid.NewGuid().ToString("N")), cancellation);
            }
        }
    }

    /// <summary>A listener refuses rules by which a node that is not ready were available.</summary>
    private ImmutableDictionary<string, string> Safe(ImmutableDictionary<string, string> rules)
    {
        foreach (var (pattern, status) in rules)
        {
            if (status != "True" && MatchesReady(pattern))
            {
                log.RuleRefused(backend, pattern, status);
                rules = rules.Remove(pattern);
            }
        }

        return rules;
    }

    private static bool MatchesReady(string pattern)
    {
        try
        {
            return Regex.IsMatch("Ready", $"^(?:{pattern})", RegexOptions.CultureInvariant, MatchTimeMax);
        }
        catch (Exception e) when (e is ArgumentException or RegexMatchTimeoutException)
        {
            // The listener ignores expressions it cannot read.
            return false;
        }
    }
}
