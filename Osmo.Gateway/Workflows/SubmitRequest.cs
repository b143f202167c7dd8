using System.Collections.Immutable;
using Osmo.Gateway.Conventions;
using Osmo.Gateway.Identity;
using Osmo.Workflows.Lifecycle;

namespace Osmo.Gateway.Workflows;

/// <summary>How far a submission goes (contract: api-rest §8.1).</summary>
internal enum SubmitMode
{
    Submit = 1,

    /// <summary>Templates and YAML only.</summary>
    DryRun,

    /// <summary>Everything that can be checked, without a workflow.</summary>
    Validate,
}

/// <summary>What the client sent as body.</summary>
/// <param name="File">The specification.</param>
/// <param name="Template">The text it was rendered from by the client, kept for show.</param>
internal sealed record SubmittedFile(
    string File, ImmutableArray<string> SetVariables, ImmutableArray<string> SetStringVariables, string? Template);

/// <summary>A submission as sent. Either <paramref name="File"/> or <paramref name="WorkflowId"/> is to be given.</summary>
internal sealed record SubmitRequest(
    string Pool,
    SubmittedFile? File,
    string? WorkflowId,
    SubmitMode Mode,
    WorkflowPriority Priority,
    ImmutableArray<string> EnvironmentVariables,
    ImmutableArray<string> Labels,
    string? AppUuid,
    int? AppVersion,
    Caller Caller)
{
    private static readonly QueryParameter<string?> WorkflowIdParameter = QueryParameter.Text("workflow_id");
    private static readonly QueryParameter<string?> AppUuidParameter = QueryParameter.Text("app_uuid");
    private static readonly QueryParameter<int?> AppVersionParameter = QueryParameter.OptionalInt("app_version");
    private static readonly QueryParameter<bool> DryRun = QueryParameter.Bool("dry_run");
    private static readonly QueryParameter<bool> ValidationOnly = QueryParameter.Bool("validation_only");
    private static readonly QueryParameter<WorkflowPriority> PriorityParameter = QueryParameter.Enum("priority", WorkflowPriority.Normal);
    private static readonly QueryParameter<ImmutableArray<string>> EnvVars = QueryParameter.TextList("env_vars");
    private static readonly QueryParameter<ImmutableArray<string>> Label = QueryParameter.TextList("label");

    public static IReadOnlyList<QueryParameter> Parameters { get; } =
        [WorkflowIdParameter, AppUuidParameter, AppVersionParameter, DryRun, ValidationOnly, PriorityParameter, EnvVars, Label];

    /// <summary>Whether something was wrong is known to <paramref name="input"/>.</summary>
    public static async Task<SubmitRequest> Read(HttpContext context, RequestInput input)
    {
        var mode = (input.Read(DryRun), input.Read(ValidationOnly)) switch
        {
            (true, _) => SubmitMode.DryRun,
            (_, true) => SubmitMode.Validate,
            _ => SubmitMode.Submit,
        };
        return new(
            input.Path("pool"),
            ReadFile(await input.ReadBody()),
            input.Read(WorkflowIdParameter),
            mode,
            input.Read(PriorityParameter),
            input.Read(EnvVars),
            input.Read(Label),
            input.Read(AppUuidParameter),
            input.Read(AppVersionParameter),
            Caller.Of(context));
    }

    private static SubmittedFile? ReadFile(BodyReader? body)
    {
        if (body is null)
        {
            return null;
        }

        var file = new SubmittedFile(
            body.RequiredText("file"),
            [.. body.TextList("set_variables")],
            [.. body.TextList("set_string_variables")],
            body.OptionalText("uploaded_templated_spec"));
        body.RejectOthers();
        return file;
    }
}
