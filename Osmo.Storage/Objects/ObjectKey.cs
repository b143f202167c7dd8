namespace Osmo.Storage.Objects;

/// <summary>The one form of keys that every store accepts.</summary>
internal static class ObjectKey
{
    /// <summary>Bytes of UTF-8, the bound of S3.</summary>
    public const int BytesMax = 1024;

    /// <summary>Refuses a key that could leave a folder or mean another object elsewhere.</summary>
    public static string Checked(string key)
    {
        if (key.Length == 0) throw new ArgumentException("An object key is empty.", nameof(key));
        if (System.Text.Encoding.UTF8.GetByteCount(key) > BytesMax) throw new ArgumentException($"An object key is longer than {BytesMax} bytes.", nameof(key));
        foreach (var part in key.Split('/'))
        {
            if (part is "" or "." or ".." || part.AsSpan().ContainsAny('\\', '\0'))
            {
                throw new ArgumentException(
                    $"Object key '{key}' is refused: parts between '/' must not be empty, '.' or '..', nor contain '\\' or NUL.", nameof(key));
            }
        }
        return key;
    }
}
