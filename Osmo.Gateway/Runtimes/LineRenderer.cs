using System.Buffers;
using System.Collections.Immutable;
using System.Globalization;
using System.Text;
using Osmo.Protocol.Runtime;

namespace Osmo.Gateway.Runtimes;

/// <summary>
/// Renders what a runtime says as the lines readers see, with secrets masked (contract: runtime-protocol §7.3, §21.2). One per connection:
/// it keeps the last prefix.
/// </summary>
internal sealed class LineRenderer
{
    private readonly string _user;
    private readonly string _control;
    private readonly SecretMask _mask;
    private long _second = -1;
    private byte[] _userPrefix = [];
    private byte[] _controlPrefix = [];

    public LineRenderer(string task, int retryId, ImmutableArray<string> secrets)
    {
        var name = retryId == 0 ? $"[{task}]" : $"[{task} retry-{retryId}]";
        (_user, _control) = ($"{name} ", $"{name}[osmo] ");
        _mask = new SecretMask(secrets);
    }

    /// <summary>How many '\n' it becomes, unless a secret in it had some: none for an empty text of the runtime itself.</summary>
    public static int Rows(CtrlMessage.Line line) => line.Text.Length == 0 && !IsOfUser(line) ? 0 : 1 + line.Text.AsSpan().Count('\n');

    /// <summary>
    /// Writes the line, ending in '\n'; nothing for an empty text of the runtime itself. Returns the number of '\n' written.
    /// </summary>
    public int Render(CtrlMessage.Line line, IBufferWriter<byte> into)
    {
        var isUser = IsOfUser(line);
        if (!isUser && line.Text.Length == 0)
        {
            return 0;
        }

        var text = _mask.Apply(line.Text);
        into.Write(Prefix(line.Time, isUser));
        Encoding.UTF8.GetBytes(text, into);
        into.Write("\n"u8);
        return 1 + text.AsSpan().Count('\n');
    }

    private static bool IsOfUser(CtrlMessage.Line line) => line.Stream is LogStream.Stdout or LogStream.Stderr;

    private byte[] Prefix(DateTimeOffset time, bool isUser)
    {
        var second = time.UtcTicks / TimeSpan.TicksPerSecond;
        if (second != _second)
        {
            var stamp = time.UtcDateTime.ToString("yyyy'/'MM'/'dd HH':'mm':'ss ", CultureInfo.InvariantCulture);
            _userPrefix = Encoding.UTF8.GetBytes(stamp + _user);
            _controlPrefix = Encoding.UTF8.GetBytes(stamp + _control);
            _second = second;
        }

        return isUser ? _userPrefix : _controlPrefix;
    }
}
