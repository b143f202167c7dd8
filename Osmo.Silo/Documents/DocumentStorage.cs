using System.Globalization;
using System.Runtime.CompilerServices;
using System.Text.Json;
using System.Text.Json.Serialization;
using Orleans.Runtime;
using Orleans.Storage;
using Osmo.Storage.State;

namespace Osmo.Silo.Documents;

/// <summary>
/// Grain storage over the <c>document</c> rows: the partition is the name of the state, the id the key of the grain, the tag the version of the row.
/// </summary>
public sealed class DocumentStorage(IStateStore store) : IGrainStorage
{
    private static readonly JsonSerializerOptions Json = new()
    {
        PropertyNamingPolicy = JsonNamingPolicy.CamelCase,
        DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
        RespectNullableAnnotations = true,
    };

    public async Task ReadStateAsync<T>(string stateName, GrainId grainId, IGrainState<T> grainState)
    {
        if (await store.Read(Key(stateName, grainId)) is not { } row)
        {
            Forget(grainState);
            return;
        }

        try
        {
            grainState.State = JsonSerializer.Deserialize<T>(row.Document.Span, Json) ?? throw new JsonException("It is null.");
        }
        catch (JsonException exception)
        {
            throw new StateStoreException($"Document '{stateName}' of '{grainId.Key}' is not a {typeof(T).Name}: {exception.Message}", isTransient: false, exception);
        }

        Remember(grainState, row.Version);
    }

    public async Task WriteStateAsync<T>(string stateName, GrainId grainId, IGrainState<T> grainState)
    {
        var key = Key(stateName, grainId);
        var known = Version(grainState);
        var document = JsonSerializer.SerializeToUtf8Bytes(grainState.State, Json);
        await Commit(known is { } version ? new RowWrite.Update(key, version, document) : new RowWrite.Insert(key, document), grainState.ETag);
        Remember(grainState, (known ?? 0) + 1);
    }

    public async Task ClearStateAsync<T>(string stateName, GrainId grainId, IGrainState<T> grainState)
    {
        // A grain that knows of no record has none to delete; somebody else's it must not.
        if (Version(grainState) is { } version) await Commit(new RowWrite.Delete(Key(stateName, grainId), version), grainState.ETag);
        Forget(grainState);
    }

    private static RowKey Key(string stateName, GrainId grainId) => new(RowKind.Document, stateName, grainId.Key.ToString() ?? "");

    private static long? Version<T>(IGrainState<T> state) =>
        string.IsNullOrEmpty(state.ETag) ? null : long.Parse(state.ETag, NumberStyles.None, CultureInfo.InvariantCulture);

    private static void Remember<T>(IGrainState<T> state, long version)
    {
        state.ETag = version.ToString(CultureInfo.InvariantCulture);
        state.RecordExists = true;
    }

    private static void Forget<T>(IGrainState<T> state)
    {
        state.State = typeof(T).IsValueType || typeof(T).GetConstructor(Type.EmptyTypes) is not null
            ? Activator.CreateInstance<T>()
            : (T)RuntimeHelpers.GetUninitializedObject(typeof(T));
        state.ETag = null!;
        state.RecordExists = false;
    }

    private async Task Commit(RowWrite write, string? knownTag)
    {
        if (await store.Commit([write]) == CommitOutcome.Committed) return;

        var stored = await store.Read(write.Key);
        throw new InconsistentStateException(
            $"Document '{write.Key.Partition}' of '{write.Key.Id}' was written by somebody else.",
            stored is null ? "none" : stored.Version.ToString(CultureInfo.InvariantCulture),
            string.IsNullOrEmpty(knownTag) ? "none" : knownTag);
    }
}
