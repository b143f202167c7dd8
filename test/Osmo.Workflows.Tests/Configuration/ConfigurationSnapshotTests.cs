using System.Text.Json;
using System.Text.Json.Nodes;
using Osmo.Workflows.Configuration;
using Osmo.Workflows.Quantities;

namespace Osmo.Workflows.Tests.Configuration;

public sealed class ConfigurationSnapshotTests
{
    [Fact]
    public void Default_Serialized_ReadsBackTheSame()
    {
        var text = JsonSerializer.Serialize(ConfigurationSnapshot.Default, ConfigurationJson.Storage);
        var again = JsonSerializer.Deserialize<ConfigurationSnapshot>(text, ConfigurationJson.Storage);
        Assert.Equal(text, JsonSerializer.Serialize(again, ConfigurationJson.Storage));
    }

    [Fact]
    public void Deserialize_EmptyDocument_HasTheDefaults()
    {
        var snapshot =
            JsonSerializer.Deserialize<ConfigurationSnapshot>("{\"workflow\": {\"max_num_tasks\": 7}}", ConfigurationJson.Storage)!;
        Assert.Equal(7, snapshot.Workflow.MaxNumTasks);
        Assert.Equal(TimeSpan.FromDays(60), snapshot.Workflow.MaxExecTimeout.Value);
        Assert.Equal(1440, snapshot.Workflow.WorkflowData.WebsocketTimeout);
        Assert.Equal("30m", snapshot.Service.MaxPodRestartLimit.ToString());
        Assert.Empty(snapshot.Pools);
    }

    /// <summary>The members and values of a fresh upstream service's answer (contract: config §3.2).</summary>
    [Fact]
    public void WorkflowConfig_Default_HasTheContractsWireForm()
    {
        const string expected =
            """
            {"workflow_data": {"credential": null, "base_url": "", "websocket_timeout": 1440, "data_timeout": 10, "download_type": "download"},
             "workflow_log": {"credential": null}, "workflow_app": {"credential": null}, "workflow_info": {"tags": [], "max_name_length": 64},
             "backend_images": {"init": "", "client": "", "credential": {"registry": "", "username": "", "auth": ""}},
             "workflow_alerts": {"slack_token": "", "smtp_settings": {"host": "", "sender": "", "password": ""}},
             "credential_config": {"disable_registry_validation": [], "disable_data_validation": []},
             "user_workflow_limits": {"max_num_workflows": null, "max_num_tasks": null, "jinja_sandbox_workers": 2, "jinja_sandbox_max_time": 0.5,
               "jinja_sandbox_memory_limit": 104857600},
             "plugins_config": {"rsync": {"enabled": false, "enable_telemetry": false, "read_bandwidth_limit": 2621440, "write_bandwidth_limit": 2621440,
               "allowed_paths": {}, "daemon_debounce_delay": 30.0, "daemon_poll_interval": 120.0, "daemon_reconcile_interval": 60.0,
               "client_upload_rate_limit": 2097152}},
             "labels_config": {"policy": [], "pod_label_prefix": ""}, "max_num_tasks": 20, "max_num_ports_per_task": 30, "max_retry_per_task": 0,
             "max_retry_per_job": 5, "default_schedule_timeout": 30, "default_exec_timeout": "60d", "default_queue_timeout": "60d", "max_exec_timeout": "60d",
             "max_queue_timeout": "60d", "force_cleanup_delay": "1h", "max_log_lines": 10000, "max_task_log_lines": 1000, "max_error_log_lines": 100,
             "max_event_log_lines": 100, "task_heartbeat_frequency": "10m"}
            """;
        var actual = JsonSerializer.SerializeToNode(new WorkflowConfig(), ConfigurationJson.Masked);
        Assert.True(JsonNode.DeepEquals(JsonNode.Parse(expected), actual), actual!.ToJsonString());
    }

    [Fact]
    public void WorkflowConfig_UnknownMember_IsRefusedByName()
    {
        var error =
            Assert.Throws<JsonException>(() => JsonSerializer.Deserialize<WorkflowConfig>("{\"max_tasks\": 3}", ConfigurationJson.Storage));
        Assert.Contains("max_tasks", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Masked_Secret_IsNotShown()
    {
        var config = new BackendImagesConfig { Credential = new ImageCredential { Registry = "r.example", Username = "u", Auth = new Secret("hush") } };
        Assert.DoesNotContain("hush", JsonSerializer.Serialize(config, ConfigurationJson.Masked), StringComparison.Ordinal);
        Assert.DoesNotContain("hush", config.ToString(), StringComparison.Ordinal);
        Assert.Contains("hush", JsonSerializer.Serialize(config, ConfigurationJson.Storage), StringComparison.Ordinal);
    }

    [Fact]
    public void ImageCredential_PasswordOnInput_IsTheAuth()
    {
        var credential = JsonSerializer.Deserialize<ImageCredential>("{\"registry\": \"r\", \"username\": \"u\", \"password\": \"p\"}", ConfigurationJson.Storage)!;
        Assert.Equal("p", credential.Auth.Reveal());
        Assert.DoesNotContain("password", JsonSerializer.Serialize(credential, ConfigurationJson.Storage), StringComparison.Ordinal);
    }

    [Fact]
    public void PoolConfig_EmptyTimeout_IsInherited()
    {
        var pool = JsonSerializer.Deserialize<PoolConfig>(
            "{\"backend\": \"b\", \"default_exec_timeout\": \"\", \"max_exec_timeout\": \"PT2H\", \"default_exit_actions\": {\"RESCHEDULE\": \"1-3,137\"}, \"x\": 1}",
            ConfigurationJson.Storage)!;
        Assert.Null(pool.DefaultExecTimeout);
        Assert.Equal(TimeSpan.FromHours(2), pool.MaxExecTimeout!.Value.Value);
        Assert.Equal([new("RESCHEDULE", "1-3,137")], pool.DefaultExitActions.AsEnumerable());
        var node = JsonSerializer.SerializeToNode(pool, ConfigurationJson.Storage)!;
        Assert.Equal("", (string?)node["default_exec_timeout"]);
        Assert.Equal("PT2H", (string?)node["max_exec_timeout"]);
    }

    [Theory]
    [InlineData("60d", 5184000)]
    [InlineData("1500ms", 1.5)]
    [InlineData("PT1M30S", 90)]
    [InlineData("P1DT0.5S", 86400.5)]
    public void Duration_Contract_IsRead(string text, double seconds) =>
        Assert.Equal(TimeSpan.FromSeconds(seconds), Duration.Parse(text).Value);

    [Theory]
    [InlineData("")]
    [InlineData("1h30m")]
    [InlineData("1.5h")]
    [InlineData("1w")]
    [InlineData("30")]
    [InlineData("-5s")]
    [InlineData("P")]
    [InlineData("PT")]
    [InlineData("P1DT")]
    [InlineData("999999999999999999d")]
    public void Duration_Other_IsRefused(string text) => Assert.False(Duration.TryParse(text, out _));
}
