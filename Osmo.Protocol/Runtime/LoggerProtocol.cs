namespace Osmo.Protocol.Runtime;

/// <summary>
/// Names and limits of the WebSocket between a task's runtime and the control plane, and the rule by which no line is lost or doubled.
/// </summary>
/// <remarks>
/// <para>Plain protocol (contract: runtime-protocol §7): the runtime sends text frames with one <see cref="CtrlMessage"/> each. A line
/// counts as delivered once written to the socket; what was in flight when a connection broke is lost.</para>
/// <para><b>Line acknowledgement</b>, our compatible addition. Both sides offer it in the handshake, so either side may be
/// upstream's:</para>
/// <list type="number">
/// <item>The runtime dials with request headers <c>x-osmo-line-acks: 1</c> and <c>x-osmo-resume: A</c>, where A is the number of lines of
/// this attempt that were acknowledged to it so far, on all connections together (0 on the first).</item>
/// <item>A server that takes part answers the upgrade with response header <c>x-osmo-line-acks: 1</c>. Without it the connection is
/// plain.</item>
/// <item>Only <see cref="CtrlMessage.Line"/> messages are counted. The n-th line of a connection (n from 1) has number <c>A + n</c> in the
/// attempt (workflow, task, retry). The same line has the same number on every connection it is sent on.</item>
/// <item>The server keeps T, the highest number of the attempt that is durable. Lines numbered T or less are duplicates: dropped, but
/// counted in n. The comparison belongs where lines are appended, so that a handler of a connection thought dead can do no harm. Numbers
/// have no gaps: A greater than T means that the server lost lines it acknowledged; it then takes A as T.</item>
/// <item>The server sends the binary action <c>{"action":"log_ack","count":n}</c>: the first n lines of <i>this connection</i> are durable
/// or were duplicates. Counts never fall. An acknowledgement is due at the latest <see cref="MaximumAckDelay"/> after a line is durable;
/// the runtime holds at most <see cref="MaximumUnacknowledgedLines"/> lines and then stops reading the user's command.</item>
/// <item>After a break the runtime sends every line that was not acknowledged again, in order, before newer ones.</item>
/// <item>Messages without a number (metrics, barrier, log_done) are sent again after a break unless a later line was acknowledged or they
/// were answered; the server treats them as idempotent. It answers log_done only when every earlier line of the connection is durable, so
/// the answer also acknowledges those.</item>
/// <item>On such a connection, one text frame may hold several messages: the decoded string is then one JSON object per line.
/// A frame is at most <see cref="MaximumFrameBytes"/> long.</item>
/// </list>
/// </remarks>
public static class LoggerProtocol
{
    /// <summary>Header by which each side says that it knows line acknowledgement; its value is <c>1</c>.</summary>
    public const string LineAcksHeader = "x-osmo-line-acks";

    /// <summary>Request header with the number of lines of this attempt acknowledged so far.</summary>
    public const string ResumeHeader = "x-osmo-resume";

    /// <summary>The one value of <see cref="LineAcksHeader"/>.</summary>
    public const string LineAcksVersion = "1";

    /// <summary>Lines the runtime holds that were not acknowledged, or not yet sent.</summary>
    public const int MaximumUnacknowledgedLines = 65_536;

    /// <summary>Bytes of one WebSocket message from the runtime, all encoded.</summary>
    public const int MaximumFrameBytes = 512 * 1024;

    /// <summary>Bytes of one line of the user's command; longer ones are cut into several (contract: runtime-protocol §5).</summary>
    public const int MaximumLineBytes = 32 * 1024;

    /// <summary>The only barrier that exists (contract: runtime-protocol §8).</summary>
    public const string GroupReadyBarrier = "osmo-group-ready";

    /// <summary>Close code for an unknown workflow or task, with the message as reason.</summary>
    public const int UnknownTaskCloseCode = 4000;

    /// <summary>How long a durable line may stay without acknowledgement.</summary>
    public static TimeSpan MaximumAckDelay { get; } = TimeSpan.FromSeconds(1);

    /// <summary>How long a runtime waits for an answer to log_done before it asks again.</summary>
    public static TimeSpan LogDoneInterval { get; } = TimeSpan.FromSeconds(5);

    /// <summary>The path a runtime dials (contract: runtime-protocol §7.1).</summary>
    public static string Path(string workflowId, string taskName, int retryId) =>
        $"/api/logger/workflow/{Uri.EscapeDataString(workflowId)}/osmo_ctrl/{Uri.EscapeDataString(taskName)}/retry_id/{retryId}";

    /// <summary>Path and query of the token refresh (contract: runtime-protocol §6).</summary>
    public static string RefreshTokenPath(string workflowId, string groupName, string taskName, int retryId) =>
        $"/api/auth/jwt/refresh_token?group_name={Uri.EscapeDataString(groupName)}&retry_id={retryId}"
        + $"&task_name={Uri.EscapeDataString(taskName)}&workflow_id={Uri.EscapeDataString(workflowId)}";
}
