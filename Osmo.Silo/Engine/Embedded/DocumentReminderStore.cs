using System.Globalization;
using System.Text.Json;
using System.Text.Json.Serialization;
using Orleans.Runtime;
using Osmo.Embedded.Reminders;
using Osmo.Storage.State;

namespace Osmo.Silo.Engine;

/// <summary>Keeps reminders as <c>document</c> rows, all in one partition, so that one read at start finds them.</summary>
internal sealed class DocumentReminderStore(IStateStore store) : IReminderStore
{
    private const string Partition = "reminder";

    public async Task<IReadOnlyList<ReminderRow>> ReadAll(CancellationToken cancellation = default) =>
        [.. (await store.ReadPartition(RowKind.Document, Partition, cancellation)).Select(Parse)];

    public Task Put(ReminderRow row, CancellationToken cancellation = default)
    {
        var document = new ReminderDocument(row.Grain.ToString(), row.Name, row.StartAt.UtcDateTime, row.Period);
        var bytes = JsonSerializer.SerializeToUtf8Bytes(document, ReminderJson.Default.ReminderDocument);
        return store.Commit([new RowWrite.Put(Key(row.Grain, row.Name), bytes)], cancellation);
    }

    public Task Remove(GrainId grain, string name, CancellationToken cancellation = default) =>
        store.Commit([new RowWrite.Delete(Key(grain, name))], cancellation);

    /// <summary>The length keeps two ids apart whatever stands in grain keys and names.</summary>
    private static RowKey Key(GrainId grain, string name) =>
        new(RowKind.Document, Partition, string.Create(CultureInfo.InvariantCulture, $"{grain.ToString().Length}:{grain}:{name}"));

    private static ReminderRow Parse(Row row)
    {
        var document = JsonSerializer.Deserialize(row.Document.Span, ReminderJson.Default.ReminderDocument)
            ?? throw new InvalidDataException($"Reminder '{row.Key.Id}' is null.");
        return new ReminderRow(GrainId.Parse(document.Grain), document.Name, new DateTimeOffset(document.StartAt, TimeSpan.Zero), document.Period);
    }
}

internal sealed record ReminderDocument(string Grain, string Name, DateTime StartAt, TimeSpan Period);

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, RespectRequiredConstructorParameters = true)]
[JsonSerializable(typeof(ReminderDocument))]
internal sealed partial class ReminderJson : JsonSerializerContext;
