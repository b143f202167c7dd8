using System.Runtime.Serialization;
using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Osmo.Storage.State;

namespace Osmo.Storage.Tests.State;

public sealed class StoredDocumentTests
{
    private static readonly JsonTypeInfo<Note> Type = (JsonTypeInfo<Note>)JsonSerializerOptions.Web.GetTypeInfo(typeof(Note));

    [Theory]
    [InlineData("""{"count":"many"}""", "$.count")]
    [InlineData("null", "It is null.")]
    [InlineData("{", "$")]
    public void Parse_OfAnotherShape_NamesRowTypeAndPlace(string text, string place)
    {
        var error = Assert.Throws<SerializationException>(() => StoredDocument.Parse(Row(text), Type));

        Assert.StartsWith("The Group row 'w-uuid/g' is no Note of this version: ", error.Message, StringComparison.Ordinal);
        Assert.Contains(place, error.Message, StringComparison.Ordinal);
        Assert.True(StorageFailures.IsOfOneDocument(new InvalidOperationException("The call failed.", error)));
    }

    [Fact]
    public void Parse_WithMembersOfANewerVersion_LeavesThemOut() => Assert.Equal(new Note(2), StoredDocument.Parse(Row("""{"count":2,"colour":"red"}"""), Type));

    [Fact]
    public void IsOfOneDocument_FailureOfTheWholeStorage_IsNot() => Assert.False(StorageFailures.IsOfOneDocument(StorageFailures.Portable()));

    private static Row Row(string text) => new(new RowKey(RowKind.Group, "w-uuid", "g"), 1, Encoding.UTF8.GetBytes(text));

    public sealed record Note(int Count);
}
