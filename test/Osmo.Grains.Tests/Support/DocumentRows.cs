using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Osmo.Storage.State;
using Osmo.Workflows.Documents;

namespace Osmo.Grains.Tests.Support;

/// <summary>Reads rows as everybody else does.</summary>
internal static class DocumentRows
{
    public static T Parse<T>(Row row) => JsonSerializer.Deserialize(row.Document.Span, (JsonTypeInfo<T>)DocumentJson.Default.GetTypeInfo(typeof(T))!)!;
}
