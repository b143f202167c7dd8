using System.Diagnostics.CodeAnalysis;
using System.Text.RegularExpressions;
using Osmo.Gateway.Conventions;
using Osmo.Gateway.Meta;
using Osmo.Gateway.Workflows;
using Osmo.Storage.Queries;
using Osmo.Workflows.Documents;
using Osmo.Workflows.Specification;

namespace Osmo.Gateway.Logs;

/// <summary>Which lines of which workflow a reader asks for (contract: api-rest §9.1).</summary>
/// <param name="Attempt">Null: all tasks.</param>
/// <param name="Last">Null: all lines.</param>
internal sealed record LogRequest(WorkflowHead Head, LogAttempt? Attempt, int? Last, Regex? Query);

internal sealed record LogAttempt(string Task, int RetryId);

/// <summary>Reads the parameters that the log routes share.</summary>
internal sealed class LogRequests(WorkflowReader workflows, ConfigurationCache configuration)
{
    public static readonly QueryParameter<int?> Last = QueryParameter.OptionalInt("last_n_lines");
    public static readonly QueryParameter<string?> TaskName = QueryParameter.Text("task_name");
    public static readonly QueryParameter<int?> RetryId = QueryParameter.OptionalInt("retry_id");
    public static readonly QueryParameter<string?> Query = QueryParameter.Text("query");

    /// <summary>Either the request or the answer that says what is wrong with it.</summary>
    public async Task<(LogRequest? Request, IResult? Refusal)> Read(HttpContext context, bool lines, bool query)
    {
        var input = new RequestInput(context);
        var (name, task, retryId) = (input.Path("name"), input.Read(TaskName), input.Read(RetryId));
        var (last, pattern) = (lines ? input.Read(Last) : null, query ? input.Read(Query) : null);
        if (input.IsInvalid(out var invalid))
        {
            return (null, invalid);
        }

        if (last < 0)
        {
            return (null, Answers.Refused(ErrorCodes.User, "Users should specify positive value for flag -n."));
        }

        Regex? regex = null;
        if (pattern is not null && !TrySearch(pattern, out regex))
        {
            return (null, Answers.Refused(ErrorCodes.User, $"Invalid regex: {pattern}"));
        }

        if (await workflows.Head(name, context.RequestAborted) is not { } head)
        {
            return (null, Answers.WorkflowNotFound(name));
        }

        LogAttempt? attempt = null;
        if (task is not null)
        {
            attempt = await Attempt(head, task, retryId, context.RequestAborted);
            if (attempt is null)
            {
                return (null, Answers.TaskNotFound(head.WorkflowId, task));
            }
        }

        var linesMax = (await configuration.Get(context.RequestAborted)).Snapshot.Workflow.MaxLogLines;
        return (new(head, attempt, last is null or 0 || last >= linesMax ? null : last, regex), null);
    }

    private async Task<LogAttempt?> Attempt(WorkflowHead head, string task, int? retryId, CancellationToken cancellation)
    {
        var depth = retryId is null ? WorkflowDepth.LatestAttempts : WorkflowDepth.AllAttempts;
        var attempts = (await workflows.Read(head.WorkflowUuid, depth, cancellation))?.Tasks ?? [];
        return attempts.FirstOrDefault(attempt => attempt.Name == task && (retryId is null || attempt.RetryId == retryId)) is { } found
            ? new(task, found.RetryId)
            : null;
    }

    /// <summary>Clients mean Python's <c>search</c>; the compiler makes a <c>match</c>, so anything may come before.</summary>
    private static bool TrySearch(string pattern, [NotNullWhen(true)] out Regex? regex) =>
        PythonRegex.TryCompile(pattern, out regex) && PythonRegex.TryCompile($"(?s:.*?)(?:{pattern})", out regex);
}
