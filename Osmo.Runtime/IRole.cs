namespace Osmo.Runtime;

/// <summary>
/// One of the programs of a task's pod. Roles do not know whether they have a process of their own or share the pod supervisor's.
/// </summary>
public interface IRole
{
    /// <summary>Runs to the end.</summary>
    /// <param name="arguments">The command line without the program's name.</param>
    /// <param name="environment">Everything else the role may know of its surroundings.</param>
    /// <param name="terminated">SIGTERM: stop within <see cref="RoleEnvironment.TerminationGrace"/>.</param>
    /// <returns>The container's exit code.</returns>
    Task<int> Run(IReadOnlyList<string> arguments, RoleEnvironment environment, CancellationToken terminated);
}
