using Osmo.Storage.State;

namespace Osmo.Storage.Database;

/// <summary>Documents on their way into the database.</summary>
internal static class DocumentText
{
    private static ReadOnlySpan<byte> EscapedNul => "\\u0000"u8;

    public static ReadOnlyMemory<byte> Document(this RowWrite write) => write switch
    {
        RowWrite.Insert insert => insert.Document,
        RowWrite.Update update => update.Document,
        RowWrite.Put put => put.Document,
        _ => default,
    };

    /// <summary>
    /// The document with U+0000 in its strings replaced by U+FFFD. PostgreSQL's text cannot hold U+0000, and a pod's message must not be able
    /// to make a row unwritable. Only escaped NULs can occur in JSON.
    /// </summary>
    public static ReadOnlyMemory<byte> Storable(ReadOnlyMemory<byte> document)
    {
        var next = document.Span.IndexOf(EscapedNul);
        if (next < 0) return document;
        var copy = document.ToArray();
        while (next >= 0)
        {
            if (IsEscape(copy, next)) "\\ufffd"u8.CopyTo(copy.AsSpan(next));
            var from = next + EscapedNul.Length;
            var found = copy.AsSpan(from).IndexOf(EscapedNul);
            next = found < 0 ? -1 : from + found;
        }
        return copy;
    }

    /// <summary>A backslash starts an escape when an even number of backslashes stands before it.</summary>
    private static bool IsEscape(byte[] text, int backslash)
    {
        var before = 0;
        while (backslash - before > 0 && text[backslash - before - 1] == (byte)'\\') before++;
        return before % 2 == 0;
    }
}
