namespace Osmo.Grains.Interfaces;

/// <summary>A user's settings; the key is the user name (contract: api-rest §15).</summary>
[Alias("osmo.IProfileGrain")]
public interface IProfileGrain : IGrainWithStringKey
{
    [Alias("Get")]
    Task<Profile> Get();

    /// <summary>Changes what is not null.</summary>
    [Alias("Update")]
    Task<Profile> Update(bool? emailNotification, bool? slackNotification, string? pool);
}

[GenerateSerializer, Immutable, Alias("osmo.Profile")]
public sealed record Profile(bool EmailNotification, bool SlackNotification, string? Pool);
