namespace Osmo.BackendOperator.Local;

/// <summary>The end of a container's log, which its supervisor keeps in a file and one older file <c>.1</c>.</summary>
internal static class LogTail
{
    /// <summary>Bytes looked at from the end of each file.</summary>
    private const int BytesMax = 16 << 20;

    public static Stream Open(string path, int lines)
    {
        byte[] bytes = [.. ReadEnd(path + ".1"), .. ReadEnd(path)];
        var start = StartOfLast(bytes, lines);
        return new MemoryStream(bytes, start, bytes.Length - start, writable: false);
    }

    private static int StartOfLast(ReadOnlySpan<byte> bytes, int lines)
    {
        var end = bytes.Length;
        for (var line = 0; line < lines && end > 0; line++)
        {
            end = bytes[..(end - 1)].LastIndexOf((byte)'\n') + 1;
        }

        return end;
    }

    private static byte[] ReadEnd(string path)
    {
        try
        {
            using var file = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
            file.Seek(-Math.Min(file.Length, BytesMax), SeekOrigin.End);
            var bytes = new byte[Math.Min(file.Length - file.Position, BytesMax)];
            return bytes[..file.ReadAtLeast(bytes, bytes.Length, throwOnEndOfStream: false)];
        }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException)
        {
            return [];
        }
    }
}
