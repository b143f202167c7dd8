using Osmo.Grains.Interfaces;
using Osmo.Grains.Tests.Support;
using Osmo.Workflows.Configuration;
using Osmo.Workflows.Lifecycle;
using Osmo.Workflows.Notifications;

namespace Osmo.Grains.Tests.Workflows;

/// <summary>Users are told of the end of their workflows, once (contract: lifecycle §21).</summary>
public sealed class NotificationTests : IAsyncLifetime
{
    private World _world = null!;

    public async Task InitializeAsync()
    {
        _world = await World.Start();
        await _world.Grains.GetGrain<IProfileGrain>("user").Update(emailNotification: true, slackNotification: true, pool: null);
    }

    public async Task DisposeAsync() => await _world.DisposeAsync();

    [Fact]
    public async Task End_WithNothingConfigured_IsToldToNobody()
    {
        await Finish(await Submitted.Of(_world, Specs.One));
        Assert.Empty(_world.Notifier.Sent);
    }

    [Fact]
    public async Task End_IsToldInEveryConfiguredWay_OnceWhateverComesLater()
    {
        await Configure();
        var workflow = await Submitted.Of(_world, Specs.One);
        await Finish(workflow);
        await workflow.Report("only", "COMPLETED", exitCode: 0);
        await workflow.Cancel(force: true);
        await workflow.Operator().Do("CleanupGroup");
        await workflow.Grain.Wake();

        Assert.Equal(
            [
                new Notification.Mail(
                    $"{workflow.Uuid}-mail", "user", $"[OSMO][{workflow.Id}] status = COMPLETED", ((Notification.Mail)_world.Notifier.Sent.First()).Html),
                new Notification.Slack(
                    $"{workflow.Uuid}-slack", "user", $"Workflow {workflow.Id} has the status COMPLETED.",
                    $":white_check_mark: Workflow _*{workflow.Id}*_ has the status *COMPLETED*.", $"http://127.0.0.1:8000/workflows/{workflow.Id}"),
            ],
            _world.Notifier.Sent.AsEnumerable());
        Assert.Contains($"http://127.0.0.1:8000/workflows/{workflow.Id}?tool=workflow_logs", ((Notification.Mail)_world.Notifier.Sent.First()).Html, StringComparison.Ordinal);
    }

    [Fact]
    public async Task End_ByAChainOfFailures_IsToldToo()
    {
        await Configure();
        var workflow = await Submitted.Of(_world, Specs.Chain);
        await workflow.Operator().Do("CreateGroup");
        await workflow.Report("first", "FAILED", exitCode: 1);

        Assert.Equal(WorkflowStatus.Failed, await workflow.Status());
        await World.Eventually(() => Task.FromResult(_world.Notifier.Sent.Count), sent => sent == 2);
        Assert.Equal(":x:", ((Notification.Slack)_world.Notifier.Sent.Last()).Section[..3]);
    }

    [Fact]
    public async Task Server_ThatFails_IsTriedAgain_AndHoldsUpNothing()
    {
        await Configure();
        await _world.Grains.GetGrain<IWakeGrain>(IWakeGrain.Key).Start();
        _world.Notifier.Failure = "The mail server is down, as asked for.";
        var workflow = await Submitted.Of(_world, Specs.One);
        await Finish(workflow);
        Assert.Equal(2, (await workflow.Head()).Outbox.Length);

        await _world.Restart();
        await _world.Grains.GetGrain<IWakeGrain>(IWakeGrain.Key).Start();
        _world.Notifier.Failure = null;
        _world.Clock.Advance(TimeSpan.FromMinutes(10));
        await World.Eventually(workflow.Head, head => head.Outbox.IsEmpty);
        Assert.Equal(2, _world.Notifier.Sent.Count);
        Assert.True(_world.Notifier.Failures >= 2);
    }

    [Fact]
    public async Task Server_ThatFailsForTooLong_IsGivenUp()
    {
        await Configure();
        await _world.Grains.GetGrain<IWakeGrain>(IWakeGrain.Key).Start();
        _world.Notifier.Failure = "The mail server is down, as asked for.";
        var workflow = await Submitted.Of(_world, Specs.One);
        await Finish(workflow);
        _world.Clock.Advance(TimeSpan.FromHours(2));

        await World.Eventually(workflow.Head, head => head.Outbox.IsEmpty);
        Assert.Empty(_world.Notifier.Sent);
    }

    [Fact]
    public async Task User_WhoWantsNone_GetsNone()
    {
        await Configure();
        await _world.Grains.GetGrain<IProfileGrain>("user").Update(emailNotification: false, slackNotification: false, pool: null);
        var workflow = await Submitted.Of(_world, Specs.One);
        await Finish(workflow);
        await World.Eventually(workflow.Head, head => head.Outbox.IsEmpty);
        Assert.Empty(_world.Notifier.Sent);
    }

    private Task Configure() => _world.Configure(snapshot => snapshot with
    {
        Workflow = snapshot.Workflow with
        {
            WorkflowAlerts = new WorkflowAlertsConfig
            {
                SlackToken = new Secret("token"),
                SmtpSettings = new SmtpSettings { Host = "mail.example.com", Sender = "osmo@example.com" },
            },
        },
    });

    private static async Task Finish(Submitted workflow)
    {
        var worker = workflow.Operator();
        await worker.Do("CreateGroup");
        await workflow.Run("only");
        await workflow.Report("only", "COMPLETED", exitCode: 0);
        await worker.Do("CleanupGroup");
        await workflow.Archived();
    }
}
