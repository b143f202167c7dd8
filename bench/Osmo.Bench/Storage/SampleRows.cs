using System.Text;
using Osmo.Storage.State;

namespace Osmo.Bench.Storage;

/// <summary>Rows of the size and shape that grains write.</summary>
internal static class SampleRows
{
    private static readonly string[] Statuses = ["COMPLETED", "COMPLETED", "COMPLETED", "COMPLETED", "COMPLETED", "COMPLETED", "FAILED", "FAILED_CANCELED"];

    private static readonly string Plan = Filler(2000);

    private static readonly string Spec = Filler(4000);

    public static string Uuid(int n) => n.ToString("x32");

    public static string Time(int n) => new DateTime(2026, 1, 1, 0, 0, 0, DateTimeKind.Utc).AddSeconds(7L * n).ToString("yyyy-MM-ddTHH:mm:ss.ffffff");

    /// <summary>What one submit of one task commits: six rows.</summary>
    public static RowWrite[] Submit(int n) =>
    [
        new RowWrite.Insert(new(RowKind.Workflow, Uuid(n)), Head(n, "PENDING")),
        new RowWrite.Insert(new(RowKind.Plan, Uuid(n)), Utf8(Plan)),
        new RowWrite.Insert(new(RowKind.Spec, Uuid(n)), Utf8(Spec)),
        new RowWrite.Insert(new(RowKind.Group, Uuid(n), "main-group"), Utf8("""{"name":"main-group","status":"PROCESSING","openJobs":["1"]}""")),
        new RowWrite.Insert(new(RowKind.Task, Uuid(n), "main/000000"), Task(n, "PROCESSING")),
        new RowWrite.Insert(new(RowKind.Job, "east", $"{Uuid(n)}-create"), Utf8($$"""{"backend":"east","workflowUuid":"{{Uuid(n)}}","order":{{n}},"job":{} }""")),
    ];

    /// <summary>What one pod report commits at the least: the attempt's row, at a version its grain knows.</summary>
    public static RowWrite[] Report(int n, long version) =>
        [new RowWrite.Update(new(RowKind.Task, Uuid(n), "main/000000"), version, Task(n, version % 2 == 0 ? "RUNNING" : "INITIALIZING"))];

    /// <summary>A workflow as it is found long after: most are finished, one in a thousand is alive, few have labels.</summary>
    public static RowWrite[] History(int n)
    {
        var status = n % 1000 == 0 ? "RUNNING" : Statuses[n % Statuses.Length];
        return
        [
            new RowWrite.Put(new(RowKind.Workflow, Uuid(n)), Head(n, status)),
            new RowWrite.Put(new(RowKind.Task, Uuid(n), "main/000000"), Task(n, status)),
        ];
    }

    private static ReadOnlyMemory<byte> Head(int n, string status)
    {
        var labels = n % 10 == 0 ? $$"""{"team":"team-{{n / 10 % 50}}","run":"run-{{n}}"}""" : "{}";
        return Utf8($$"""
            {"workflowUuid":"{{Uuid(n)}}","workflowId":"train-{{n}}","name":"train","number":{{n}},"user":"{{User(n)}}","pool":"{{Pool(n)}}",
            "backend":"east","priority":"{{Priority(n)}}","labels":{{labels}},"tags":[],"execTimeout":3600,"queueTimeout":3600,"status":"{{status}}",
            "submitTime":"{{Time(n)}}","startTime":"{{Time(n + 1)}}","plugins":{"rsync":true},"outputs":"s3://bucket/outputs/train-{{n}}","archived":true}
            """);
    }

    private static ReadOnlyMemory<byte> Task(int n, string status) => Utf8($$"""
        {"workflowUuid":"{{Uuid(n)}}","workflowId":"train-{{n}}","user":"{{User(n)}}","pool":"{{Pool(n)}}","priority":"{{Priority(n)}}",
        "submitTime":"{{Time(n)}}","uuid":"{{Uuid(n)}}","lead":true,"storage":10,"cpu":8,"memory":32,"gpu":1,"group":"main-group","name":"main",
        "retryId":0,"status":"{{status}}","startTime":"{{Time(n + 1)}}","nodeName":"node-{{n % 100}}","podIp":"10.1.2.3"}
        """);

    private static string User(int n) => $"user-{n % 200}@example.com";

    private static string Pool(int n) => $"pool-{n % 10}";

    private static string Priority(int n) => n % 3 == 0 ? "LOW" : "NORMAL";

    private static string Filler(int length) => $$"""{"text":"{{new string('x', length)}}"}""";

    private static byte[] Utf8(string text) => Encoding.UTF8.GetBytes(text);
}
