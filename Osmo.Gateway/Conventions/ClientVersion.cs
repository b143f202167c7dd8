namespace Osmo.Gateway.Conventions;

/// <summary>A client or service version. Compared by its three numbers; the hash is information only (contract: api-rest §5).</summary>
public readonly record struct ClientVersion(int Major, int Minor, int Revision, string Hash) : IComparable<ClientVersion>
{
    public static bool TryParse(string? text, out ClientVersion version)
    {
        version = default;
        var parts = text?.Split('.', 4);
        if (parts is not { Length: >= 3 }
            || !TryNumber(parts[0], out var major)
            || !TryNumber(parts[1], out var minor)
            || !TryNumber(parts[2], out var revision))
        {
            return false;
        }

        version = new(major, minor, revision, parts.Length == 4 ? parts[3] : "");
        return true;
    }

    public int CompareTo(ClientVersion other) => (Major, Minor, Revision).CompareTo((other.Major, other.Minor, other.Revision));

    public static bool operator <(ClientVersion left, ClientVersion right) => left.CompareTo(right) < 0;

    public static bool operator >(ClientVersion left, ClientVersion right) => left.CompareTo(right) > 0;

    public static bool operator <=(ClientVersion left, ClientVersion right) => left.CompareTo(right) <= 0;

    public static bool operator >=(ClientVersion left, ClientVersion right) => left.CompareTo(right) >= 0;

    public override string ToString() => Hash.Length == 0 ? $"{Major}.{Minor}.{Revision}" : $"{Major}.{Minor}.{Revision}.{Hash}";

    private static bool TryNumber(string text, out int number) =>
        int.TryParse(text, System.Globalization.NumberStyles.None, System.Globalization.CultureInfo.InvariantCulture, out number);
}
