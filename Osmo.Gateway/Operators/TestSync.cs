using Osmo.Gateway.Meta;
using Osmo.Protocol.Backend;
using Osmo.Workflows.Configuration;
using Osmo.Workflows.Objects;

namespace Osmo.Gateway.Operators;

/// <summary>
/// The backend's tests (contract: backend-protocol §14). A service that has no tests at all says nothing of them, except that they are gone.
/// </summary>
internal sealed class TestSync(ConfigurationCache configuration, TimeProvider time, string backend) : WantedState(configuration, time)
{
    protected override WantedJob? Job(ConfigurationModel model, BackendMessage.Init worker, bool isFirst)
    {
        if (model.BackendTests.IsEmpty && isFirst)
        {
            return null;
        }

        var id = $"{backend}-sync-tests-{Guid.NewGuid():N}";
        var document = JobDocuments.SynchronizeTests(id, backend, worker.NodeConditionPrefix, model.Backend(backend).Tests.Select(test => model.BackendTests[test]));
        return new WantedJob(id, document, document["test_configs"]!.ToJsonString());
    }
}
