using System.Text;
using Osmo.Protocol.Runtime;

namespace Osmo.Protocol.Tests.Runtime;

public class RuntimeActionCodecTests
{
    public static TheoryData<RuntimeAction, string> Actions => new()
    {
        { new RuntimeAction.LogDone(), """{"action":"log_done"}""" },
        { new RuntimeAction.LogAck(42), """{"action":"log_ack","count":42}""" },
        { new RuntimeAction.Barrier(), """{"action":"barrier"}""" },
        { new RuntimeAction.Restart(), """{"action":"restart"}""" },
        { new RuntimeAction.Restart("restart-1"), """{"action":"restart","key":"restart-1"}""" },
        {
            new RuntimeAction.Exec("wss://osmo.example.com", "EXEC-1", "c", "/bin/bash"),
            """{"action":"exec","router_address":"wss://osmo.example.com","key":"EXEC-1","cookie":"c","entry_command":"/bin/bash"}"""
        },
        {
            new RuntimeAction.PortForward("ws://r", "PORTFORWARD-1", "", 8080, true),
            """{"action":"portforward","router_address":"ws://r","key":"PORTFORWARD-1","cookie":"","task_port":8080,"use_udp":true}"""
        },
        {
            new RuntimeAction.Webserver("ws://r", "WEBSERVER-1", "", 80),
            """{"action":"webserver","router_address":"ws://r","key":"WEBSERVER-1","cookie":"","task_port":80}"""
        },
        {
            new RuntimeAction.Rsync("ws://r", "RSYNC-1", "", true),
            """{"action":"rsync","router_address":"ws://r","key":"RSYNC-1","cookie":"","enable_telemetry":true}"""
        },
    };

    [Theory]
    [MemberData(nameof(Actions))]
    public void Codec_Action_RoundTrips(RuntimeAction action, string json)
    {
        Assert.Equal(json, Encoding.UTF8.GetString(RuntimeActionCodec.Encode(action)));
        Assert.True(RuntimeActionCodec.TryDecode(Encoding.UTF8.GetBytes(json), out var decoded, out var error), error);
        Assert.Equal(action, decoded);
        Assert.Equal(action is RuntimeAction.LogDone, action.IsTextFrame);
    }

    [Fact]
    public void TryDecode_OtherCaseAndUnknownMembers_Accepted()
    {
        Assert.True(RuntimeActionCodec.TryDecode("""{"Action":"exec","KEY":"k","entry_command":"sh","x":[]}"""u8, out var action, out _));
        Assert.Equal(new RuntimeAction.Exec("", "k", "", "sh"), action);
    }

    [Theory]
    [InlineData("null", "the frame must be a JSON object")]
    [InlineData("{}", "member action is missing")]
    [InlineData("""{"action":"cancel"}""", "action is 'cancel'; allowed are log_done")]
    [InlineData("""{"action":"log_ack"}""", "member count of log_ack is missing")]
    [InlineData("""{"action":"webserver","task_port":70000}""", "task_port is 70000; allowed are 0 to 65535")]
    [InlineData("""{"action":"barrier",""", "Bad action")]
    [InlineData("hello", "Bad action")]
    public void TryDecode_BadAction_SaysWhatIsAllowed(string frame, string expected)
    {
        Assert.False(RuntimeActionCodec.TryDecode(Encoding.UTF8.GetBytes(frame), out _, out var error));
        Assert.Contains(expected, error, StringComparison.Ordinal);
    }
}
