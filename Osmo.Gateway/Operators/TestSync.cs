using Osmo.Gateway.Meta;
using Osmo.Protocol.Backend;
using Osmo.Workflows.Objects;

namespace Osmo.Gateway.Operators;

/// <summary>
/// The backend's tests (contract: backend-protocol §14). A service that has no tests at all says nothing of them, except that they are gone.
/// </summary>
internal sealed class TestSync(ConfigurationCache configuration, string backend) : IWantedState
{
    private string? _brought;

    public async Task<WantedJob?> Next(BackendMessage.Init worker, CancellationToken cancellation)
    {
        var model = await configuration.Get(cancellation);
        if (model.BackendTests.IsEmpty && _brought is null)
        {
            return null;
        }

        var id = $"{backend}-sync-tests-{Guid.NewGuid():N}";
        var document = JobDocuments.SynchronizeTests(id, backend, worker.NodeConditionPrefix, model.Backend(backend).Tests.Select(test => model.BackendTests[test]));
        var wanted = document["test_configs"]!.ToJsonString();
        return wanted == _brought ? null : new WantedJob(id, document, wanted);
    }

    public void Done(WantedJob job) => _brought = job.Wanted;
}
