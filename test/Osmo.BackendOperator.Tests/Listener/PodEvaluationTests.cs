using Osmo.BackendOperator.Kubernetes;
using Osmo.BackendOperator.Listener;
using static Osmo.Protocol.Backend.PodStatus;
using WireStatus = Osmo.Protocol.Backend.PodStatus;

namespace Osmo.BackendOperator.Tests.Listener;

/// <summary>contract: backend-protocol §9.2, §9.3; lifecycle §9.</summary>
public sealed class PodEvaluationTests
{
    private static readonly DateTimeOffset Now = new(2026, 8, 1, 12, 0, 0, TimeSpan.Zero);

    private static readonly ContainerState Running = new(Running: new ContainerRunning());

    private static TheoryData<string, PodStatus, WireStatus, int?> Rows => new()
    {
        { "pending, nothing known", new PodStatus(PodPhase.Pending), Scheduling, null },
        {
            "pending, unschedulable",
            new PodStatus(PodPhase.Pending, Conditions: [new PodCondition("PodScheduled", "False", Now, "Unschedulable")]), Scheduling, null
        },
        { "init container being created", Init(Waiting("ContainerCreating")), Initializing, null },
        { "init container to come", Init(Waiting("PodInitializing")), Initializing, null },
        { "init container runs", Init(Running), Scheduling, null },
        { "running", Containers(PodPhase.Running, ("user", Running), ("osmo-ctrl", Running)), WireStatus.Running, null },
        { "running, user failed alone", Containers(PodPhase.Running, ("user", Ended(1)), ("osmo-ctrl", Running)), WireStatus.Running, null },
        { "running, ctrl completed alone", Containers(PodPhase.Running, ("user", Running), ("osmo-ctrl", Ended(0))), WireStatus.Running, null },
        { "running, ctrl failed", Containers(PodPhase.Running, ("user", Running), ("osmo-ctrl", Ended(1))), Failed, 2001 },
        { "running, ctrl completed, user failed", Containers(PodPhase.Running, ("user", Ended(3)), ("osmo-ctrl", Ended(0))), Failed, 3 },
        { "running, start error", Containers(PodPhase.Running, ("user", Ended(128, "StartError")), ("osmo-ctrl", Running)), Failed, 128 },
        { "running, one out of memory", Containers(PodPhase.Running, ("user", Ended(137, "OOMKilled")), ("osmo-ctrl", Running)), WireStatus.Running, null },
        { "succeeded", Containers(PodPhase.Succeeded, ("user", Ended(0)), ("osmo-ctrl", Ended(0))), Completed, 0 },
        { "failed, user", Containers(PodPhase.Failed, ("user", Ended(7)), ("osmo-ctrl", Ended(0))), Failed, 7 },
        { "failed, highest code wins", Containers(PodPhase.Failed, ("user", Ended(255)), ("osmo-ctrl", Ended(1))), Failed, 2001 },
        { "failed, ctrl reports its code", Containers(PodPhase.Failed, ("user", Ended(0)), ("osmo-ctrl", Ended(2, message: """{"code": 12}"""))), Failed, 2012 },
        { "failed, ctrl says nonsense", Containers(PodPhase.Failed, ("user", Ended(0)), ("osmo-ctrl", Ended(2, message: "{\"code\": \"x\"}"))), Failed, 2002 },
        { "failed, user's message is no code", Containers(PodPhase.Failed, ("user", Ended(5, message: """{"code": 12}"""))), Failed, 5 },
        { "failed, preflight", Containers(PodPhase.Failed, ("preflight-test", Ended(1))), Failed, 1001 },
        {
            "failed, init",
            new PodStatus(PodPhase.Failed, InitContainerStatuses: [new ContainerStatus("osmo-init", Ended(1))]), Failed, 256
        },
        { "failed, nothing known", new PodStatus(PodPhase.Failed), Failed, 4000 },
        { "failed, out of memory", Containers(PodPhase.Failed, ("user", Ended(137, "OOMKilled"))), FailedEvicted, 3004 },
        { "evicted", new PodStatus(PodPhase.Failed, Reason: "Evicted"), FailedEvicted, 3004 },
        { "pod start error", new PodStatus(PodPhase.Failed, Reason: "StartError"), FailedStartError, 3003 },
        { "admission error", new PodStatus(PodPhase.Failed, Reason: "UnexpectedAdmissionError"), FailedBackendError, 3001 },
        {
            "disrupted",
            Containers(PodPhase.Failed, ("user", Ended(137))) with { Conditions = [new PodCondition("DisruptionTarget", "True", Now)] },
            FailedBackendError, 3001
        },
        {
            "evicted wins over disrupted",
            new PodStatus(PodPhase.Failed, Reason: "Evicted", Conditions: [new PodCondition("DisruptionTarget", "True", Now)]), FailedEvicted, 3004
        },
        {
            "not disrupted after all",
            Containers(PodPhase.Running, ("user", Running)) with { Conditions = [new PodCondition("DisruptionTarget", "False", Now)] }, WireStatus.Running, null
        },
        {
            "preempted wins over everything",
            new PodStatus(PodPhase.Failed, Reason: "Evicted", Conditions: [new PodCondition("Any", "True", Now, "PreemptionByScheduler")]),
            FailedPreempted, 3006
        },
        { "image back-off", Containers(PodPhase.Pending, ("user", Waiting("ImagePullBackOff"))), FailedImagePull, 301 },
        { "image back-off of ctrl", Containers(PodPhase.Pending, ("osmo-ctrl", Waiting("ImagePullBackOff"))), FailedImagePull, 2301 },
        { "image error", Containers(PodPhase.Pending, ("user", Waiting("ErrImagePull"))), FailedImagePull, 302 },
        { "image error of init", Init(Waiting("ErrImagePull")), FailedImagePull, 557 },
        { "main before init", Init(Waiting("ErrImagePull")) with { ContainerStatuses = [new("user", Waiting("CrashLoopBackOff"))] }, Failed, 304 },
        { "crash loop", Containers(PodPhase.Running, ("user", Waiting("CrashLoopBackOff"))), Failed, 304 },
        { "cannot create", Containers(PodPhase.Pending, ("user", Waiting("CreateContainerError"))), Failed, 999 },
        { "cannot run", Containers(PodPhase.Pending, ("osmo-ctrl", Waiting("RunContainerError"))), Failed, 2999 },
        { "hook failed", Containers(PodPhase.Pending, ("user", Waiting("PostStartHookFailed"))), Failed, 999 },
        { "invalid image name", Containers(PodPhase.Pending, ("user", Waiting("InvalidImageName"))), Scheduling, null },
        { "image never pulled", Containers(PodPhase.Pending, ("user", Waiting("ErrImageNeverPull"))), Scheduling, null },
        { "registry unavailable", Containers(PodPhase.Pending, ("user", Waiting("RegistryUnavailable"))), Scheduling, null },
        { "config error, fresh", Unready("CreateContainerConfigError", TimeSpan.FromMinutes(10)), Scheduling, null },
        { "config error, old", Unready("CreateContainerConfigError", TimeSpan.FromMinutes(10.1)), FailedBackendError, 3001 },
        { "config error, never ready", Containers(PodPhase.Pending, ("user", Waiting("CreateContainerConfigError"))), Scheduling, null },
        { "unknown, fresh", Unready("ContainerStatusUnknown", TimeSpan.FromMinutes(29)), Scheduling, null },
        { "unknown, old", Unready("ContainerStatusUnknown", TimeSpan.FromMinutes(31)), FailedBackendError, 3001 },
    };

    public static TheoryData<string> RowNames => [.. Rows.Select(row => (string)row[0])];

    [Theory]
    [MemberData(nameof(RowNames))]
    public void Of_PodState_GivesStatusAndExitCode(string row)
    {
        var columns = Rows.Single(candidate => (string)candidate[0] == row);
        var (status, expected, exitCode) = ((PodStatus)columns[1], (WireStatus)columns[2], (int?)columns[3]);

        var evaluation = PodEvaluation.Of("p", status, Now);

        Assert.True((expected, exitCode) == (evaluation?.Status, evaluation?.ExitCode), $"{row}: {evaluation}");
    }

    [Fact]
    public void Of_PhaseUnknown_SaysNothing() => Assert.Null(PodEvaluation.Of("p", new PodStatus(), Now));

    [Fact]
    public void Of_FailedContainers_ListsThemInitFirst()
    {
        var status = Containers(PodPhase.Failed, ("user", Ended(1)), ("osmo-ctrl", Ended(0)), ("preflight-test", Ended(2))) with
        {
            Message = "no luck",
            InitContainerStatuses = [new ContainerStatus("osmo-init", Ended(1))],
        };

        Assert.Equal(
            "Pod p error message: no luck\nFailure reason:\n- Exit code 256 due to Task osmo-init failure. "
            + "\n- Exit code 1 due to Task user failure. \n- Exit code 1002 due to OSMO Preflight Test failure. ",
            PodEvaluation.Of("p", status, Now)!.Message);
    }

    [Fact]
    public void Of_WaitingError_SaysWhoAndWhy()
    {
        var status = Containers(PodPhase.Pending, ("osmo-ctrl", new ContainerState(new ContainerWaiting("ErrImagePull", "no such image"))));

        Assert.Equal(
            "Failure reason: Exit code 2302 due to OSMO Control failed with ErrImagePull: no such image.",
            PodEvaluation.Of("p", status, Now)!.Message);
    }

    [Fact]
    public void Of_Preemption_SaysWhen()
    {
        var status = new PodStatus(PodPhase.Running, Conditions: [new PodCondition("Any", "True", Now, "PreemptionByScheduler")]);

        Assert.Equal("Pod was preempted at 2026-08-01 12:00:00+00:00. ", PodEvaluation.Of("p", status, Now)!.Message);
    }

    [Theory]
    [InlineData("CreateContainerConfigError", 10)]
    [InlineData("ContainerStatusUnknown", 30)]
    public void Of_ErrorThatNeedsTime_SaysWhenToLookAgain(string reason, int minutes)
    {
        var status = Unready(reason, TimeSpan.FromMinutes(1));

        var recheckAt = PodEvaluation.Of("p", status, Now)!.RecheckAt!.Value;

        Assert.InRange(recheckAt, Now + TimeSpan.FromMinutes(minutes - 1), Now + TimeSpan.FromMinutes(minutes - 1) + TimeSpan.FromSeconds(1));
        Assert.Equal(FailedBackendError, PodEvaluation.Of("p", status, recheckAt)!.Status);
    }

    private static ContainerState Waiting(string reason) => new(new ContainerWaiting(reason, "m"));

    private static ContainerState Ended(int exitCode, string? reason = null, string? message = null) =>
        new(Terminated: new ContainerTerminated(exitCode, reason ?? (exitCode == 0 ? "Completed" : "Error"), message));

    private static PodStatus Init(ContainerState init) => new(
        PodPhase.Pending,
        InitContainerStatuses: [new ContainerStatus("osmo-init", init)],
        ContainerStatuses: [new ContainerStatus("user", Waiting("PodInitializing"))]);

    private static PodStatus Containers(PodPhase phase, params (string Name, ContainerState State)[] containers) =>
        new(phase, ContainerStatuses: [.. containers.Select(container => new ContainerStatus(container.Name, container.State))]);

    private static PodStatus Unready(string reason, TimeSpan since) =>
        Containers(PodPhase.Pending, ("user", Waiting(reason))) with { Conditions = [new PodCondition("Ready", "False", Now - since)] };
}
