namespace Osmo.Workflows.Lifecycle;

/// <summary>
/// How long an attempt's inputs and outputs took (contract: runtime-protocol §20). Measurements may come after the end; they change no
/// status.
/// </summary>
internal static class TransferMeasurement
{
    public static void Apply(TransitionBuilder change, WorkflowEvent.TransferMeasured measured)
    {
        if (!change.Index.TryFindTask(measured.Task, out _, out _))
            return;

        var attempt = change.Task(measured.Task);
        if (attempt.RetryId != measured.RetryId)
            return;

        var next = measured.IsUpload
            ? attempt with
            {
                OutputUploadStartTime = measured.Start ?? attempt.OutputUploadStartTime,
                OutputUploadEndTime = measured.End ?? attempt.OutputUploadEndTime,
            }
            : attempt with
            {
                InputDownloadStartTime = measured.Start ?? attempt.InputDownloadStartTime,
                InputDownloadEndTime = measured.End ?? attempt.InputDownloadEndTime,
            };
        if (next != attempt)
            change.Set(next);
    }
}
