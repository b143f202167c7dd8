using System.Collections.Immutable;
using Osmo.Embedded.Simulation;
using Osmo.Grains.Interfaces;
using Osmo.Simulation.Faults;
using Osmo.Simulation.Record;
using Osmo.Simulation.World;
using Osmo.Workflows.Lifecycle;
using Osmo.Workflows.Specification;
using Osmo.Workflows.Templates;

namespace Osmo.Simulation.Users;

/// <summary>Somebody who submits workflows one after the other, cancels some, follows the log of some, and submits some again.</summary>
internal sealed class SimulatedUser(SimulatedProcess process, string name, int workflows, Network network, ControlPlane controlPlane, FaultRates rates, RunRecord record)
{
    private static readonly SpecReader Specs = new(new TemplateEngine());

    private readonly WorkflowGenerator _generator = new(network.Dice);

    private readonly bool _wantsMail = network.Dice.Once(0.5);

    private Dice Dice => network.Dice;

    /// <summary>Starts submitting; the run knows when the user has done everything.</summary>
    public void Start() => Act(SubmitSome);

    private void Act(Func<Task> act)
    {
        record.UsersAtWork++;
        record.Start(process, async () =>
        {
            await act();
            record.UsersAtWork--;
        });
    }

    private async Task SubmitSome()
    {
        if (_wantsMail) await network.CallUntilAnswered(process, grains => grains.GetGrain<IProfileGrain>(name).Update(emailNotification: true, null, null));
        for (var number = 0; number < workflows; number++)
        {
            await process.Pause(Dice.Seconds(0, 40));
            var (uuid, backend, text) = (Dice.Uuid(), Dice.Of(Deployment.Backends), _generator.Next());
            var outcome = Specs.Read(new SpecSource { Text = text, WorkflowUuid = uuid }, Deployment.Model.Pools[backend], Deployment.Model.Snapshot.Workflow);
            switch (outcome)
            {
                case SpecOutcome.Accepted accepted:
                    await Submit(New(uuid, backend, accepted.Spec), text, new WorkflowOrigin());
                    break;
                case SpecOutcome.Rejected rejected:
                    await Record(New(uuid, backend, null), rejected.Rejection);
                    break;
            }
        }
    }

    private async Task Submit(SubmittedWorkflow workflow, string? text, WorkflowOrigin origin)
    {
        var spec = workflow.Spec!;
        var request = new SubmitWorkflow(
            workflow.Uuid, spec.Name, name, workflow.Backend, Dice.Of("NORMAL", "HIGH", "LOW"), spec.Labels.ToImmutableDictionary(), SpecJson.Write(spec),
            SpecWriter.ToYaml(spec), text, origin, IsAdministrator: false);
        record.Workflows.Add(workflow);
        var result = await network.CallUntilAnswered(process, grains => Grain(grains, workflow).Submit(request));
        if (result.Refusal is { } refusal)
        {
            workflow.Refused = (refusal.Message, process.Time.GetUtcNow());
            return;
        }

        workflow.Id = result.WorkflowId;
        record.Messages.Add((workflow.Uuid, "submit", async grains =>
        {
            if ((await Grain(grains, workflow).Submit(request)).WorkflowId != workflow.Id) throw new InvalidOperationException("The second answer is another one.");
        }));
        if (Dice.Once(0.2)) record.Start(process, () => Follow(workflow));
        if (Dice.Once(rates.UserInterferes)) Act(() => Interfere(workflow));
    }

    private async Task Record(SubmittedWorkflow workflow, SpecRejection rejection)
    {
        if (rejection.FailedSubmission is not { } failed) return;

        var request = new RejectedSubmission(
            workflow.Uuid, failed.WorkflowName, name, workflow.Backend, "NORMAL", ImmutableDictionary<string, string>.Empty, failed.SpecYaml, new WorkflowOrigin(), rejection.Message);
        record.Workflows.Add(workflow);
        workflow.Id = await network.CallUntilAnswered(process, grains => Grain(grains, workflow).RecordRejection(request));
    }

    private async Task Interfere(SubmittedWorkflow workflow)
    {
        for (var times = Dice.Between(1, 2); times > 0; times--)
        {
            await process.Pause(Dice.Seconds(0, 150));
            if (Dice.Once(0.7)) await Cancel(workflow, force: Dice.Once(0.4));
            else await SubmitAgain(workflow);
        }
    }

    private async Task Cancel(SubmittedWorkflow workflow, bool force)
    {
        var request = new CancelWorkflow(name, Dice.Of(null, "It is enough."), force);
        var result = await network.CallUntilAnswered(process, grains => Grain(grains, workflow).Cancel(request));
        if (result is { WorkflowId: not null, Refusal: null }) workflow.CancelAcceptedAt ??= process.Time.GetUtcNow();
    }

    /// <summary>What failed of it when it has failed, otherwise all of it.</summary>
    private async Task SubmitAgain(SubmittedWorkflow former)
    {
        if (record.Rows.Head(former.Uuid) is not { } head) return;

        var groups = former.Spec!.Groups.ToDictionary(group => group.Name, group => record.Rows.Group(former.Uuid, group.Name)?.Status ?? TaskGroupStatus.Waiting);
        var resubmission = Resubmission.Restart(former.Spec, former.Spec.Labels, head.WorkflowId, head.Status, groups, out _)
            ?? Resubmission.Whole(former.Spec, former.Spec.Labels);
        if (SpecReader.Read(resubmission, Deployment.Model.Pools[former.Backend], Deployment.Model.Snapshot.Workflow) is SpecOutcome.Accepted accepted)
        {
            await Submit(
                New(Dice.Uuid(), former.Backend, accepted.Spec), null, new WorkflowOrigin(ParentName: head.Name, ParentNumber: head.Number));
        }
    }

    /// <summary>To the end of the log, as a gateway follows it: rows, and then a wait for more.</summary>
    private async Task Follow(SubmittedWorkflow workflow)
    {
        var reader = new LogReader(workflow.Uuid);
        record.Readers.Add(reader);
        var (row, sequence) = ("", 0L);
        while (!reader.HasEnded)
        {
            (row, sequence, reader.HasEnded) = await network.CallUntilAnswered(process, async grains =>
            {
                var position = await grains.GetGrain<IWorkflowLogGrain>(workflow.Uuid).WaitBeyond(sequence, default);
                var chunks = await controlPlane.Queries.LogChunks(workflow.Uuid, row, 100);
                return (chunks is [.., var last] ? last.Key.Id : row, position.Sequence, position.Ended);
            });
        }
    }

    private SubmittedWorkflow New(string uuid, string backend, WorkflowSpec? spec) =>
        new(uuid, name, backend, spec) { SubmittedAt = process.Time.GetUtcNow(), EndIsAwaited = _wantsMail };

    private static IWorkflowGrain Grain(IGrainFactory grains, SubmittedWorkflow workflow) => grains.GetGrain<IWorkflowGrain>(workflow.Uuid);
}
