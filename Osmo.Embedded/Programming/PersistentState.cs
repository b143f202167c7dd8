using Orleans.Runtime;

namespace Orleans.Core
{
    /// <summary>One stored record of a grain. Changing the state in memory saves nothing: write it.</summary>
    public interface IStorage
    {
        /// <summary>Version of the record when it was last read or written; null when there is none.</summary>
        string? Etag { get; }

        bool RecordExists { get; }

        Task ClearStateAsync();

        /// <exception cref="Storage.InconsistentStateException">The record changed since it was read.</exception>
        Task WriteStateAsync();

        Task ReadStateAsync();
    }

    /// <inheritdoc/>
    public interface IStorage<TState> : IStorage
    {
        TState State { get; set; }
    }
}

namespace Orleans.Runtime
{
    /// <summary>A stored record handed to a grain's constructor; it is read before <c>OnActivateAsync</c>, and a failed read fails the activation.</summary>
    public interface IPersistentState<TState> : Core.IStorage<TState>;

    /// <summary>Names the record and the storage of an <see cref="IPersistentState{TState}"/> constructor parameter.</summary>
    [AttributeUsage(AttributeTargets.Parameter)]
    public sealed class PersistentStateAttribute(string stateName, string? storageName = null) : Attribute
    {
        public string StateName { get; } = stateName ?? throw new ArgumentNullException(nameof(stateName));

        public string? StorageName { get; } = storageName;
    }
}

namespace Orleans
{
    /// <summary>What a storage reads into and writes from. A missing record is a fresh state with a null tag.</summary>
    public interface IGrainState<T>
    {
        T State { get; set; }

        string? ETag { get; set; }

        bool RecordExists { get; set; }
    }
}

namespace Orleans.Storage
{
    /// <summary>Stores grain records. Registered as a keyed service under its name, or unkeyed as the default.</summary>
    public interface IGrainStorage
    {
        Task ReadStateAsync<T>(string stateName, GrainId grainId, IGrainState<T> grainState);

        /// <exception cref="InconsistentStateException">The stored tag is not the one in <paramref name="grainState"/>.</exception>
        Task WriteStateAsync<T>(string stateName, GrainId grainId, IGrainState<T> grainState);

        /// <inheritdoc cref="WriteStateAsync{T}"/>
        Task ClearStateAsync<T>(string stateName, GrainId grainId, IGrainState<T> grainState);
    }

    /// <summary>A record was changed by somebody else since it was read. If it escapes from a call, the activation that threw it ends.</summary>
    public class InconsistentStateException : OrleansException
    {
        public InconsistentStateException()
        {
        }

        public InconsistentStateException(string message) : base(message)
        {
        }

        public InconsistentStateException(string message, Exception innerException) : base(message, innerException)
        {
        }

        public InconsistentStateException(string errorMsg, string? storedEtag, string? currentEtag) : base(errorMsg) =>
            (StoredEtag, CurrentEtag) = (storedEtag, currentEtag);

        public string? StoredEtag { get; }

        public string? CurrentEtag { get; }

        /// <summary>True until the activation that threw it has ended because of it: the exception travels on to callers, who are not stale.</summary>
        internal bool IsSourceActivation { get; set; } = true;
    }
}
