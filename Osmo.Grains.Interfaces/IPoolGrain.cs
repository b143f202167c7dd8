namespace Osmo.Grains.Interfaces;

/// <summary>Admission to one pool; the key is the pool name. Contract: lifecycle §12, workflow-spec §8.4.</summary>
[Alias("osmo.IPoolGrain")]
public interface IPoolGrain : IGrainWithStringKey
{
    /// <summary>Whether a workflow may enter the pool now.</summary>
    [Alias("Admit")]
    Task<Admission> Admit(AdmissionRequest request);
}

/// <param name="LargestGroupGpus">GPUs of the group that asks for most.</param>
/// <param name="LargestGroup">Its name.</param>
[GenerateSerializer, Immutable, Alias("osmo.AdmissionRequest")]
public sealed record AdmissionRequest(string WorkflowUuid, string User, string Priority, string LargestGroup, int LargestGroupGpus, bool IsAdministrator);

/// <summary>Admitted when <paramref name="Refusal"/> is null.</summary>
[GenerateSerializer, Immutable, Alias("osmo.Admission")]
public sealed record Admission(Refusal? Refusal);
