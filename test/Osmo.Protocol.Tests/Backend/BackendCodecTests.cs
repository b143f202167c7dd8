using System.Text;
using System.Text.Json.Nodes;
using Osmo.Protocol.Backend;

namespace Osmo.Protocol.Tests.Backend;

/// <summary>contract: backend-protocol §3.</summary>
public sealed class BackendCodecTests
{
    private const string Uuid = "9d3c0a7f5b6e4c1e8a2b7c6d5e4f3a21";

    private const string Condition = """{"reason": null, "message": "m", "timestamp": "2026-08-01T12:00:00Z", "status": "False", "type": "PodScheduled"}""";

    /// <summary>Every type of the catalogue with every key it has.</summary>
    public static TheoryData<string, string> Catalogue => new()
    {
        { "init", """{"k8s_uid": "u", "k8s_namespace": "ns", "version": "6.4.0.ab", "node_condition_prefix": ""}""" },
        { "logging", """{"type": 20, "text": "t", "workflow_uuid": null}""" },
        {
            "update_pod",
            $$"""
            {"workflow_uuid": "w", "task_uuid": "t", "retry_id": 1, "container": "c", "node": "n", "pod_ip": null, "message": "",
             "status": "FAILED_IMAGE_PULL", "exit_code": 302, "backend": "b", "conditions": [{{Condition}}]}
            """
        },
        { "monitor_pod", """{"workflow_uuid": "w", "task_uuid": "t", "retry_id": 0, "message": "m"}""" },
        { "pod_conditions", $$"""{"workflow_uuid": "w", "task_uuid": "t", "retry_id": 0, "conditions": [{{Condition}}]}""" },
        { "pod_event", """{"pod_name": "p", "reason": "Pulled", "message": "m", "timestamp": "2026-08-01T12:00:00Z"}""" },
        {
            "resource",
            """
            {"hostname": "h", "available": true, "conditions": ["Ready"], "processed_fields": {}, "allocatable_fields": {"cpu": "7"},
             "label_fields": {"a": "b"}, "taints": [{"effect": "NoSchedule", "key": "k", "value": null, "time_added": null}]}
            """
        },
        { "resource_usage", """{"hostname": "h", "usage_fields": {"cpu": "12"}, "non_workflow_usage_fields": {}}""" },
        { "delete_resource", """{"resource": "h"}""" },
        { "node_hash", """{"node_hashes": ["h"]}""" },
        { "heartbeat", """{"time": "2026-08-01T12:00:00.123456"}""" },
        { "task_list", """{"task_list": ["t"]}""" },
        { "metrics", """{"type": "COUNTER", "value": 1.5, "name": "n", "unit": "s", "description": "d"}""" },
        { "pod_log", """{"text": "x", "task": "t", "retry_id": 0, "mask": false}""" },
        { "job_status", """{"status": "FAILED_NO_RETRY", "message": "m"}""" },
        { "ack", """{"uuid": "u"}""" },
        { "node_conditions", """{"rules": {"^Ready$": "True"}}""" },
    };

    [Theory]
    [MemberData(nameof(Catalogue))]
    public void DecodeEncode_EveryType_ReturnsSameFrame(string type, string body)
    {
        var frame = Frame(type, body);

        var accepted = Assert.IsType<DecodedMessage.Accepted>(BackendCodec.Decode(Encoding.UTF8.GetBytes(frame)));

        Assert.Equal(Uuid, accepted.Uuid);
        Assert.Equal(type, BackendCodec.TypeOf(accepted.Message));
        var again = Encoding.UTF8.GetString(BackendCodec.Encode(accepted.Message, Uuid).Span);
        Assert.True(JsonNode.DeepEquals(JsonNode.Parse(frame), JsonNode.Parse(again)), again);
    }

    [Fact]
    public void Catalogue_Always_NamesEveryType() =>
        Assert.Equal(BackendCodec.Types.Order(), Catalogue.Select(row => (string)row[0]).Order());

    [Theory]
    [MemberData(nameof(Catalogue))]
    public void Decode_UnknownKeyInBody_IsInvalidBody(string type, string body)
    {
        var withExtra = JsonNode.Parse(body)!.AsObject();
        withExtra["surplus"] = 1;

        var invalid = Assert.IsType<DecodedMessage.InvalidBody>(Decode(Frame(type, withExtra.ToJsonString())));

        Assert.Equal((type, Uuid), (invalid.Type, invalid.Uuid));
        Assert.Contains("surplus", invalid.Error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("""{"type": "ack", "body": {"uuid": "u"}, "uuid": "x", "more": 1}""", "more")]
    [InlineData("""{"type": "ack", "uuid": "x"}""", "body")]
    [InlineData("""{"body": {}, "uuid": "x"}""", "type")]
    [InlineData("""{"type": "ack", "body": [], "uuid": "x"}""", "body")]
    [InlineData("null", "type, body and uuid")]
    [InlineData("{", "end of the JSON payload")]
    public void Decode_BadEnvelope_NamesWhatIsWrong(string frame, string expected)
    {
        var invalid = Assert.IsType<DecodedMessage.InvalidEnvelope>(Decode(frame));
        Assert.Contains(expected, invalid.Error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("update_pod", """{"workflow_uuid": "w"}""", "task_uuid")]
    [InlineData("job_status", """{"status": "SOMETIMES"}""", "status")]
    [InlineData("job_status", """{"status": 1}""", "status")]
    [InlineData("ack", """{"uuid": null}""", "uuid")]
    [InlineData("heartbeat", """{"time": "noon"}""", "noon")]
    public void Decode_BadBody_NamesWhatIsWrong(string type, string body, string expected)
    {
        var invalid = Assert.IsType<DecodedMessage.InvalidBody>(Decode(Frame(type, body)));
        Assert.Contains(expected, invalid.Error, StringComparison.Ordinal);
    }

    [Fact]
    public void Decode_UnknownType_KeepsUuidForTheAck() =>
        Assert.Equal(new DecodedMessage.UnknownType("container_node", Uuid), Decode(Frame("container_node", "{}")));

    [Fact]
    public void Decode_OptionalKeysMissing_TakeTheirDefaults()
    {
        Assert.Equal(
            new DecodedMessage.Accepted(new BackendMessage.PodLog("x", "t", 2, Mask: true), null),
            Decode("""{"type": "pod_log", "body": {"text": "x", "task": "t", "retry_id": 2}}"""));
        Assert.Equal(
            new DecodedMessage.Accepted(new BackendMessage.MonitorPod("w", "t", 0), null),
            Decode("""{"type": "monitor_pod", "body": {"workflow_uuid": "w", "task_uuid": "t", "retry_id": 0}}"""));
    }

    [Theory]
    [InlineData("2026-08-01T12:00:00Z")]
    [InlineData("2026-08-01T12:00:00")]
    [InlineData("2026-08-01T14:00:00+02:00")]
    [InlineData("2026-08-01T12:00:00.000000")]
    public void Decode_TimeWithOrWithoutZone_IsTheSameInstant(string time)
    {
        var accepted = Assert.IsType<DecodedMessage.Accepted>(Decode(Frame("heartbeat", $$"""{"time": "{{time}}"}""")));
        Assert.Equal(new DateTimeOffset(2026, 8, 1, 12, 0, 0, TimeSpan.Zero), Assert.IsType<BackendMessage.Heartbeat>(accepted.Message).Time);
    }

    private static string Frame(string type, string body) => $$"""{"type": "{{type}}", "body": {{body}}, "uuid": "{{Uuid}}"}""";

    private static DecodedMessage Decode(string frame) => BackendCodec.Decode(Encoding.UTF8.GetBytes(frame));
}
