using Orleans.Runtime;
using Osmo.Grains.Interfaces;

namespace Osmo.Grains.Profiles;

public sealed class StoredProfile
{
    public bool EmailNotification { get; set; }

    public bool SlackNotification { get; set; }

    public string? Pool { get; set; }
}

[GrainType("profile")]
public sealed class ProfileGrain(
    [PersistentState("profile", GrainStorageNames.Documents)] IPersistentState<StoredProfile> state) : Grain, IProfileGrain
{
    public Task<Profile> Get() => Task.FromResult(Current());

    public async Task<Profile> Update(bool? emailNotification, bool? slackNotification, string? pool)
    {
        var updated = new StoredProfile
        {
            EmailNotification = emailNotification ?? state.State.EmailNotification,
            SlackNotification = slackNotification ?? state.State.SlackNotification,
            Pool = pool ?? state.State.Pool,
        };
        await state.Replace(updated, this);
        return Current();
    }

    private Profile Current() => new(state.State.EmailNotification, state.State.SlackNotification, state.State.Pool);
}
