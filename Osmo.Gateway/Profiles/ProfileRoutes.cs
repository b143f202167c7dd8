using Osmo.Gateway.Conventions;
using Osmo.Gateway.Identity;
using Osmo.Gateway.Meta;
using Osmo.Grains.Interfaces;

namespace Osmo.Gateway.Profiles;

/// <summary>A user's own settings (contract: api-rest §15, auth §20).</summary>
internal sealed class ProfileRoutes(IGrainFactory grains, ConfigurationCache configuration) : IRouteArea
{
    public void Map(RouteTable routes)
    {
        routes.Get<ProfileAnswer>("/api/profile/settings", "The caller's settings, roles and pools", Read);
        routes.PostBody<object>("/api/profile/settings", "Changes the caller's settings; members that are absent or null stay", Write);
    }

    private async Task<IResult> Read(HttpContext context)
    {
        var caller = Caller.Of(context);
        var profile = await Transient.Retry(() => grains.GetGrain<IProfileGrain>(caller.User).Get(), context.RequestAborted);
        return Answers.Ok(
            new ProfileAnswer(
                new ProfileSettings(caller.User, profile.EmailNotification, profile.SlackNotification, profile.Pool),
                [.. caller.Roles],
                [.. caller.AllowedPools],
                Token: null),
            GatewayJson.Default.ProfileAnswer);
    }

    private async Task<IResult> Write(HttpContext context)
    {
        var input = new RequestInput(context);
        var body = await input.ReadRequiredBody();
        var email = body.OptionalBool("email_notification");
        var slack = body.OptionalBool("slack_notification");
        var pool = body.OptionalText("pool");
        if (input.IsInvalid(out var invalid))
        {
            return invalid;
        }

        if (pool is not null && (await configuration.Get(context.RequestAborted)).FindPool(pool) is null)
        {
            return Answers.Refused(ErrorCodes.User, $"Pool {pool} not found.");
        }

        var profile = grains.GetGrain<IProfileGrain>(Caller.Of(context).User);
        await Transient.Retry(() => profile.Update(email, slack, pool), context.RequestAborted);
        return Answers.Null;
    }
}

public sealed record ProfileAnswer(ProfileSettings Profile, string[] Roles, string[] Pools, ProfileToken? Token);

public sealed record ProfileSettings(string Username, bool EmailNotification, bool SlackNotification, string? Pool);

/// <summary>The access token behind the request.</summary>
public sealed record ProfileToken(string Name, DateTime? ExpiresAt);
