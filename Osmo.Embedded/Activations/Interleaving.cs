namespace Osmo.Embedded.Activations;

/// <summary>What a request allows beside itself in one activation.</summary>
internal enum Interleaving
{
    /// <summary>Starts beside anything, and anything starts beside it.</summary>
    Free = 1,

    /// <summary>Shares the activation with other reads.</summary>
    Read,

    /// <summary>Shares the activation with free requests only.</summary>
    Exclusive,
}
