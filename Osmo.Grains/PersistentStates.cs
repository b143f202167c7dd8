using Orleans.Runtime;

namespace Osmo.Grains;

internal static class PersistentStates
{
    /// <summary>
    /// Stores <paramref name="next"/>. When that fails nobody knows what is stored, so memory stays as it was and the grain starts anew from the store.
    /// </summary>
    public static async Task Replace<T>(this IPersistentState<T> state, T next, IGrainBase grain)
    {
        var former = state.State;
        state.State = next;
        try
        {
            await state.WriteStateAsync();
        }
        catch
        {
            state.State = former;
            grain.DeactivateOnIdle();
            throw;
        }
    }
}
