using System.Security.Cryptography;
using System.Text;
using Osmo.Grains.Interfaces;
using Osmo.Workflows.Lifecycle;

namespace Osmo.Grains.Workflows;

/// <summary>What the in-pod runtimes of the workflow's tasks ask.</summary>
public sealed partial class WorkflowGrain
{
    private ServiceKeys? _keys;

    public async Task<RuntimeAttachment> AttachRuntime(string task, int retryId)
    {
        if (await Attempt(task, retryId) is not { } attempt)
        {
            return new RuntimeAttachment(null, Finished: true, BarrierReleased: false, []);
        }

        var (stored, state) = attempt;
        return IsOver(state, retryId)
            ? new RuntimeAttachment(stored.Head.WorkflowId, Finished: true, BarrierReleased: false, [])
            : new RuntimeAttachment(stored.Head.WorkflowId, Finished: false, WorkflowMachine.IsBarrierOpen(stored.Workflow, state.Group), [])
            {
                Restart = state.RestartDue is { } number ? ActionOf(new RuntimeAction.Restart(task, retryId, number)) : null,
            };
    }

    public async Task ConfirmRestart(string task, int retryId, int number)
    {
        if (await Stored() is not null)
        {
            await Apply(new WorkflowEvent.RestartSent(task, retryId, number));
        }
    }

    public async Task<bool> ReachBarrier(string task, int retryId)
    {
        if (await Attempt(task, retryId) is not { } attempt || IsOver(attempt.State, retryId))
        {
            return false;
        }

        var change = await Apply(new WorkflowEvent.BarrierReached(task, retryId));
        return WorkflowMachine.IsBarrierOpen(change.Next, attempt.State.Group);
    }

    public async Task RecordTransfer(TransferMeasurement measurement)
    {
        if (await Stored() is not null)
        {
            await Apply(new WorkflowEvent.TransferMeasured(measurement.Task, measurement.RetryId, measurement.IsUpload, measurement.Start, measurement.End));
        }
    }

    public async Task<RefreshTokenCheck> CheckRefreshToken(RefreshTokenRequest request)
    {
        if (await Attempt(request.Task, request.RetryId) is not { } attempt || attempt.State.Group != request.Group)
        {
            return RefreshTokenCheck.Unknown;
        }

        if (IsOver(attempt.State, request.RetryId))
        {
            return RefreshTokenCheck.Finished;
        }

        var expected = RefreshToken(await Keys(), attempt.Stored.Workflow.TaskPlan(request.Task).Uuid);
        return CryptographicOperations.FixedTimeEquals(Encoding.UTF8.GetBytes(expected), Encoding.UTF8.GetBytes(request.Token))
            ? RefreshTokenCheck.Valid
            : RefreshTokenCheck.Mismatch;
    }

    /// <summary>The latest attempt of a task if there has been an attempt <paramref name="retryId"/>.</summary>
    private async Task<(StoredWorkflow Stored, TaskState State)?> Attempt(string task, int retryId) =>
        await Stored() is { } stored && stored.Workflow.Tasks.TryGetValue(task, out var state) && retryId >= 0 && retryId <= state.RetryId ? (stored, state) : null;

    /// <summary>An attempt that has been replaced is over; its runtime may still bring its last lines.</summary>
    private static bool IsOver(TaskState latest, int retryId) => retryId < latest.RetryId || latest.Status.IsFinished;

    private async ValueTask<ServiceKeys> Keys() => _keys ??= await GrainFactory.GetGrain<IServiceKeysGrain>(IServiceKeysGrain.Key).Get();

    /// <summary>
    /// The same for every attempt and every delivery of a task's job, and not stored: 43 characters of URL-safe base64 (contract: runtime-protocol §6, backend-protocol §10.3 QUIRK).
    /// </summary>
    private string RefreshToken(ServiceKeys keys, string taskUuid) =>
        System.Buffers.Text.Base64Url.EncodeToString(HMACSHA256.HashData(keys.TaskTokenKey.Span, Encoding.UTF8.GetBytes($"{Uuid}/{taskUuid}")));
}
