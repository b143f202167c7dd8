using System.Globalization;
using Osmo.Protocol.Backend;

namespace Osmo.Gateway.Operators;

/// <summary>Renders pod conditions and cluster events (contract: backend-protocol §9.4, api-rest §9.5).</summary>
internal static class EventLines
{
    /// <summary>Oldest first. What says nothing is left out.</summary>
    public static IEnumerable<string> Of(BackendMessage.PodConditions message, string task) =>
        from condition in message.Conditions
        where SaysSomething(condition)
        orderby condition.Timestamp
        select $"{Head(condition.Timestamp, task, message.RetryId)} {condition.Type}: {condition.Status}{Explanation(condition)}";

    public static string Of(BackendMessage.PodEvent message, string task, int retryId) =>
        OneLine($"{Head(message.Timestamp, task, retryId)} {message.Reason}: {message.Message}");

    private static bool SaysSomething(PodCondition condition) => condition switch
    {
        { Type: "ContainersReady" } => false,
        { Type: "Initialized" or "Ready", Status: "False" } => false,
        _ => true,
    };

    private static string Explanation(PodCondition condition) =>
        string.IsNullOrEmpty(condition.Reason) || string.IsNullOrEmpty(condition.Message)
        ? ""
        : OneLine($", Reason: {condition.Reason}, Message: {condition.Message}");

    private static string Head(DateTimeOffset time, string task, int retryId) =>
        time.UtcDateTime.ToString("yyyy-MM-dd HH:mm:ss'+00:00'", CultureInfo.InvariantCulture)
        + (retryId == 0 ? $" [{task}]" : $" [{task} retry-{retryId}]");

    /// <summary>Readers take what follows a line break for another event.</summary>
    private static string OneLine(string text) => text.ReplaceLineEndings(" ");
}
