using System.Diagnostics;
using System.Text;
using System.Text.Json;
using Osmo.Protocol.Runtime;

namespace Osmo.Protocol.Tests.Runtime;

public class CtrlMessageCodecTests
{
    private static readonly DateTimeOffset Time = new DateTimeOffset(2026, 8, 1, 10, 0, 0, TimeSpan.Zero).AddTicks(1234567);

    private static readonly CtrlMessage[] AllMessages =
    [
        new CtrlMessage.Line(LogStream.Stdout, "task1", Time, "hi"),
        new CtrlMessage.Line(LogStream.Stderr, "task1", Time, ""),
        new CtrlMessage.Line(LogStream.OsmoCtrl, "task1", Time, "two\nlines\t\"quoted\" \\ back <&> \u0001 ünï 🙂"),
        new CtrlMessage.Line(LogStream.Download, "task1", Time, new string('x', 40_000)),
        new CtrlMessage.Line(LogStream.Upload, "t", Time, "a"),
        new CtrlMessage.LogDone("task1", Time),
        new CtrlMessage.Barrier("osmo-group-ready", -1),
        new CtrlMessage.GroupMetrics("t", Time, "0", GroupMetric.InputDownload, At(0), At(5120)),
        new CtrlMessage.GroupMetrics("t", Time, "2", GroupMetric.OutputUpload, At(0), At(1)),
        new CtrlMessage.TaskIoMetrics("t", Time, "0", "g", "t", "", "RSYNC_INPUT", At(0), At(7), 12L << 30, 0, "", "N/A"),
    ];

    public static TheoryData<CtrlMessage> Messages => new(AllMessages);

    [Theory]
    [MemberData(nameof(Messages))]
    public void TryDecode_EncodedMessage_Same(CtrlMessage message) => Assert.Equal(message, Assert.Single(Decode(Frame(message))));

    [Fact]
    public void Encode_Line_IsJsonStringOfJsonObjectAndNewline()
    {
        var content = JsonSerializer.Deserialize<string>(Frame(new CtrlMessage.Line(LogStream.Stdout, "task1", Time, "hi")))!;

        Assert.Equal("""{"Source":"task1","Time":"2026-08-01T10:00:00.1234567Z","Text":"hi","IOType":"STDOUT"}""" + "\n", content);
    }

    [Fact]
    public void Encode_Barrier_HasNoSource() => Assert.Equal(
        """{"Name":"osmo-group-ready","Count":-1,"IOType":"BARRIER"}""" + "\n",
        JsonSerializer.Deserialize<string>(Frame(new CtrlMessage.Barrier("osmo-group-ready", -1))));

    [Fact]
    public void Encode_GroupMetrics_IsAsUpstream() => Assert.Equal(
        """
        {"Source":"t","Time":"2026-08-01T10:00:00Z","IOType":"METRICS","MetricType":"group_metrics","Metric":{"retry_id":"0","start_time":"2026-08-01 10:00:00.000","end_time":"2026-08-01 10:00:05.120","type_of_metrics":"input_download"}}
        """ + "\n",
        JsonSerializer.Deserialize<string>(Frame(new CtrlMessage.GroupMetrics("t", At(0), "0", GroupMetric.InputDownload, At(0), At(5120)))));

    [Theory]
    [InlineData("""{"source":"t","TIME":"2026-08-01T10:00:00.123456789Z","Text":"a\u003cb","IOType":"STDOUT","New":{"x":[1]}}""", "a<b")]
    [InlineData("""{"IOType":"STDOUT","Text":"b","Time":"2026-08-01T12:00:00.1234567+02:00","Source":"t"}""", "b")]
    public void TryDecode_OtherSpelling_Accepted(string content, string text)
    {
        var expected = new CtrlMessage.Line(LogStream.Stdout, "t", Time, text);

        Assert.Equal(expected, Assert.Single(Decode(JsonSerializer.SerializeToUtf8Bytes(content))));
        Assert.Equal(expected, Assert.Single(Decode(Encoding.UTF8.GetBytes(content))));
    }

    [Fact]
    public void TryDecode_SeveralInOneFrame_InOrder()
    {
        using var encoder = new CtrlMessageEncoder();
        foreach (var message in AllMessages)
            encoder.Append(message);

        Assert.Equal(AllMessages, Decode(encoder.TakeFrame().ToArray()));
        Assert.Equal(0, encoder.PendingBytes);
    }

    [Theory]
    [InlineData("3", "the frame is a JSON number")]
    [InlineData("\"\"", "empty string")]
    [InlineData("\"[]\"", "the message is a JSON array")]
    [InlineData("""{"Source":"t"}""", "member IOType is missing")]
    [InlineData("""{"IOType":"STDOUT","Source":"t","Text":"x"}""", "member Time is missing")]
    [InlineData("""{"IOType":"STDOUT","Source":"t","Time":"noon","Text":"x"}""", "member Time is 'noon'; allowed is an RFC 3339 time")]
    [InlineData("""{"IOType":"STDOUT","Source":"t","Time":"2026-08-01T10:00:00Z","Text":1}""", "member Text must be a string")]
    [InlineData("""{"IOType":"DUMP","Source":"t"}""", "IOType is 'DUMP'; allowed are STDOUT, STDERR")]
    [InlineData("""{"IOType":"BARRIER","Name":"b"}""", "member Count is missing")]
    [InlineData("""{"IOType":"METRICS","Source":"t","Time":"2026-08-01T10:00:00Z","MetricType":"x","Metric":{}}""", "MetricType is 'x'; allowed are")]
    [InlineData(
        """{"IOType":"METRICS","Source":"t","Time":"2026-08-01T10:00:00Z","MetricType":"group_metrics","Metric":{"retry_id":"0","type_of_metrics":"input_download","start_time":"x"}}""",
        "member Metric.start_time is 'x'")]
    [InlineData("""{"IOType":"STDOUT",""", "Bad message")]
    [InlineData("""{"IOType":"STDOUT","Source":"t","Time":"2026-08-01T10:00:00Z","Text":"\ud800"}""", "Bad message")]
    public void TryDecode_BadFrame_SaysWhatAndWhatIsAllowed(string frame, string error)
    {
        Assert.False(new CtrlMessageDecoder().TryDecode(Encoding.UTF8.GetBytes(frame), [], out var actual));
        Assert.Contains(error, actual, StringComparison.Ordinal);
    }

    [Fact]
    public void Encode_LongestLine_FitsFrame()
    {
        var worst = new CtrlMessage.Line(LogStream.Stdout, "t", Time, new string('\u0001', LoggerProtocol.MaximumLineBytes));

        Assert.True(Frame(worst).Length < LoggerProtocol.MaximumFrameBytes);
    }

    [Fact]
    public void TryDecode_Lines_TwoHundredThousandASecond()
    {
        const int Rounds = 300;
        const int LinesPerRound = 1_000;
        var frame = Frame(new CtrlMessage.Line(LogStream.Stdout, "task1", Time, "step 12345 loss 0.1234 \"quoted\" and some more text to make a line"));
        var decoder = new CtrlMessageDecoder();
        var best = TimeSpan.MaxValue;
        for (var round = 0; round < Rounds; round++)
        {
            var messages = new List<CtrlMessage>(LinesPerRound);
            var start = Stopwatch.GetTimestamp();
            for (var line = 0; line < LinesPerRound; line++)
                Assert.True(decoder.TryDecode(frame, messages, out _));
            best = TimeSpan.FromTicks(long.Min(best.Ticks, Stopwatch.GetElapsedTime(start).Ticks));
        }

        // The best of many short rounds says something also on a busy machine.
        Assert.True(best < TimeSpan.FromMilliseconds(5), $"{LinesPerRound} lines took {best.TotalMilliseconds} ms");
    }

    private static DateTimeOffset At(int milliseconds) => new DateTimeOffset(2026, 8, 1, 10, 0, 0, TimeSpan.Zero).AddMilliseconds(milliseconds);

    private static byte[] Frame(CtrlMessage message)
    {
        using var encoder = new CtrlMessageEncoder();
        encoder.Append(message);
        return encoder.TakeFrame().ToArray();
    }

    private static List<CtrlMessage> Decode(byte[] frame)
    {
        var messages = new List<CtrlMessage>();
        Assert.True(new CtrlMessageDecoder().TryDecode(frame, messages, out var error), error);
        return messages;
    }
}
