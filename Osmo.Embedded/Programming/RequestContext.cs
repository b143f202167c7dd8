namespace Orleans.Runtime;

/// <summary>Named values that travel with the calls made after they were set, down the call chain and never back. Not a proof of identity.</summary>
public static class RequestContext
{
    private static readonly AsyncLocal<Dictionary<string, object>?> Ambient = new();

    /// <summary>Never changed once published, so that a call in flight can keep it.</summary>
    internal static Dictionary<string, object>? Values
    {
        get => Ambient.Value;
        set
        {
            if (!ReferenceEquals(Ambient.Value, value)) Ambient.Value = value;
        }
    }

    public static IEnumerable<string> Keys => Values?.Keys ?? Enumerable.Empty<string>();

    public static IEnumerable<KeyValuePair<string, object>> Entries => Values ?? Enumerable.Empty<KeyValuePair<string, object>>();

    public static object? Get(string key) => Values?.GetValueOrDefault(key);

    public static void Set(string key, object value)
    {
        ArgumentNullException.ThrowIfNull(key);
        Values = Values is { } values ? new Dictionary<string, object>(values) { [key] = value } : new() { [key] = value };
    }

    public static bool Remove(string key)
    {
        if (Values is not { } values || !values.ContainsKey(key)) return false;

        var rest = new Dictionary<string, object>(values);
        rest.Remove(key);
        Values = rest.Count == 0 ? null : rest;
        return true;
    }

    public static void Clear() => Values = null;
}
