using System.Collections.Immutable;
using Osmo.Gateway.Conventions;
using Osmo.Gateway.Identity;
using Osmo.Grains.Interfaces;
using Osmo.Storage.Queries;

namespace Osmo.Gateway.Workflows;

/// <summary>Whose workflows or tasks, and in which pools, a list is about; null members do not filter (contract: api-rest §8.4).</summary>
internal sealed record Scope(ImmutableArray<string>? Users, ImmutableArray<string>? Pools);

/// <summary>The same as the caller put it.</summary>
internal sealed record AskedScope(ImmutableArray<string> Users, bool AllUsers, ImmutableArray<string> Pools, bool AllPools);

/// <summary>The part of the list parameters that workflow and task lists share.</summary>
internal sealed class ListScope(IGrainFactory grains, IWorkflowQueries queries)
{
    public static readonly QueryParameter<ImmutableArray<string>> Users = QueryParameter.TextList("users");
    public static readonly QueryParameter<bool> AllUsers = QueryParameter.Bool("all_users");
    public static readonly QueryParameter<ImmutableArray<string>> Pools = QueryParameter.TextList("pools");
    public static readonly QueryParameter<bool> AllPools = QueryParameter.Bool("all_pools");

    public static AskedScope Read(RequestInput input) =>
        new(input.Read(Users), input.Read(AllUsers), input.Read(Pools), input.Read(AllPools));

    /// <summary>Either the scope or the answer that says why there is none.</summary>
    public async Task<(Scope? Scope, IResult? Refusal)> Resolve(HttpContext context, AskedScope asked)
    {
        var caller = Caller.Of(context);
        ImmutableArray<string>? users = null;
        if (!asked.Users.IsEmpty)
        {
            var (found, refusal) = await FindUsers(asked.Users, context.RequestAborted);
            if (refusal is not null)
            {
                return (null, refusal);
            }

            users = found;
        }
        else if (!asked.AllUsers && caller.IsNamed)
        {
            users = [caller.User];
        }

        if (asked.AllPools)
        {
            return (new(users, null), null);
        }

        if (!asked.Pools.IsEmpty)
        {
            return (new(users, asked.Pools), null);
        }

        var profile = await Transient.Retry(() => grains.GetGrain<IProfileGrain>(caller.User).Get(), context.RequestAborted);
        return profile.Pool is { } pool ? (new(users, [pool]), null) : (null, Answers.Refused(ErrorCodes.User, "No pool selected!"));
    }

    /// <summary>A name is a user's, or what stands before the '@' of exactly one user's.</summary>
    private async Task<(ImmutableArray<string> Found, IResult? Refusal)> FindUsers(
        ImmutableArray<string> asked, CancellationToken cancellation)
    {
        var known = (await queries.Users(cancellation)).ToHashSet(StringComparer.Ordinal);
        var found = ImmutableArray.CreateBuilder<string>();
        var faults = new List<string>();
        foreach (var name in asked.Distinct())
        {
            string[] matches = known.Contains(name)
                ? [name]
                : [.. known.Where(user => user.StartsWith($"{name}@", StringComparison.Ordinal))];
            switch (matches)
            {
                case [var match]:
                    found.Add(match);
                    break;
                case []:
                    faults.Add($"{name} not found");
                    break;
                default:
                    faults.Add($"{name} is ambiguous: {string.Join(", ", matches.Order(StringComparer.Ordinal))}");
                    break;
            }
        }

        return faults.Count == 0
            ? (found.DrainToImmutable(), null)
            : ([], Answers.Refused(ErrorCodes.User, $"Invalid user(s): {string.Join("; ", faults)}"));
    }
}
