using System.Net.Sockets;
using System.Text.Json;
using Osmo.Runtime.Arguments;
using Osmo.Runtime.PodSocket;

namespace Osmo.Runtime.User;

/// <summary>osmo_exec: runs the user's command when ctrl says so and streams what it prints (contract: runtime-protocol §4, §5).</summary>
/// <remarks>
/// Better than upstream's: a command that does not exist is reported in clear text and ends with 127 or 126 as in a shell; SIGTERM goes to
/// the command, which has <see cref="RoleEnvironment.TerminationGrace"/> to end; all of the output folder is made readable.
/// </remarks>
public sealed class UserRole : IRole
{
    private const int UsageCode = 2;
    private const int CtrlLostCode = 2;
    private static readonly TimeSpan ShortestConnectDelay = TimeSpan.FromMilliseconds(2);
    private static readonly TimeSpan LongestConnectDelay = TimeSpan.FromMilliseconds(100);

    public async Task<int> Run(IReadOnlyList<string> arguments, RoleEnvironment environment, CancellationToken terminated)
    {
        var log = new GoLog(environment.Output, environment.Time);
        UserArguments parsed;
        try
        {
            parsed = UserArguments.Parse(arguments);
        }
        catch (FlagException exception)
        {
            log.Print($"osmo_exec: {exception.Message}");
            return UsageCode;
        }

        RefuseAbsentParts(parsed, log);
        UserSurroundings.PrepareShell(parsed, environment, log);
        using var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        try
        {
            await Connect(socket, parsed, environment, terminated);
            using var ctrl = new PodMessageWriter(socket);
            using var session = new UserSession(parsed, environment, log, ctrl, new PodMessageReader(socket));
            return await session.Run(terminated);
        }
        catch (Exception exception) when (exception is SocketException or JsonException or TimeoutException)
        {
            log.Print($"Connection to osmo_ctrl failed: {exception.Message}");
            return CtrlLostCode;
        }
        catch (OperationCanceledException) when (terminated.IsCancellationRequested)
        {
            log.Print("Terminated before the command started.");
            return CtrlLostCode;
        }
    }

    private static void RefuseAbsentParts(UserArguments arguments, GoLog log)
    {
        if (arguments.EnableRsync)
            log.Print("Warning: this runtime has no rsync daemon; -enableRsync has no effect.");
        if (!arguments.Checkpoints.IsEmpty)
            log.Print("Warning: this runtime takes no checkpoints; -checkpoint has no effect.");
    }

    /// <summary>Ctrl may start later than we do: asks again until it listens, or the time is over.</summary>
    private static async Task Connect(Socket socket, UserArguments arguments, RoleEnvironment environment, CancellationToken terminated)
    {
        var path = environment.LocalPath(arguments.SocketPath);
        var deadline = environment.Time.GetUtcNow() + arguments.UnixTimeout;
        var delay = ShortestConnectDelay;
        while (true)
        {
            terminated.ThrowIfCancellationRequested();
            try
            {
                using var address = PodSocketAddress.Open(path);
                await socket.ConnectAsync(address.EndPoint, terminated);
                return;
            }
            catch (SocketException) when (environment.Time.GetUtcNow() < deadline)
            {
                await Task.Delay(delay, environment.Time, terminated);
                delay = delay * 2 < LongestConnectDelay ? delay * 2 : LongestConnectDelay;
            }
        }
    }
}
