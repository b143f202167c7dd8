using Npgsql;

namespace Osmo.Storage.PostgreSql;

/// <summary>The two ways to name a PostgreSQL database.</summary>
internal static class PostgresUrl
{
    public static bool IsUrl(string setting) =>
        setting.StartsWith("postgres://", StringComparison.OrdinalIgnoreCase) || setting.StartsWith("postgresql://", StringComparison.OrdinalIgnoreCase);

    public static bool IsKeywords(string setting) =>
        setting.Contains("host=", StringComparison.OrdinalIgnoreCase) || setting.Contains("server=", StringComparison.OrdinalIgnoreCase);

    /// <summary>Throws <see cref="StorageConfigurationException"/>; never puts the password into a message.</summary>
    public static NpgsqlConnectionStringBuilder Parse(string setting)
    {
        try
        {
            return IsUrl(setting) ? FromUrl(new(setting)) : new(setting);
        }
        catch (Exception error) when (error is UriFormatException or ArgumentException)
        {
            throw new StorageConfigurationException(
                $"Database: the PostgreSQL address cannot be read: {error.Message} "
                + "Use 'postgres://user:password@host:port/database' (characters such as '@' or '/' in the password percent-encoded).");
        }
    }

    private static NpgsqlConnectionStringBuilder FromUrl(Uri url)
    {
        var builder = new NpgsqlConnectionStringBuilder { Host = Uri.UnescapeDataString(url.Host) };
        if (url.Port > 0) builder.Port = url.Port;
        var credentials = url.UserInfo.Split(':', 2);
        if (credentials[0].Length > 0) builder.Username = Uri.UnescapeDataString(credentials[0]);
        if (credentials.Length > 1) builder.Password = Uri.UnescapeDataString(credentials[1]);
        if (url.AbsolutePath.Length > 1) builder.Database = Uri.UnescapeDataString(url.AbsolutePath[1..]);
        foreach (var option in url.Query.TrimStart('?').Split('&', StringSplitOptions.RemoveEmptyEntries))
        {
            var pair = option.Split('=', 2);
            var (keyword, value) = (Uri.UnescapeDataString(pair[0]), pair.Length > 1 ? Uri.UnescapeDataString(pair[1]) : "");
            if (keyword.Equals("sslmode", StringComparison.OrdinalIgnoreCase)) builder.SslMode = ReadSslMode(value);
            else builder[keyword] = value;
        }
        return builder;
    }

    /// <summary>As PostgreSQL's own programs write it, or as Npgsql does.</summary>
    private static SslMode ReadSslMode(string value) => value.ToLowerInvariant() switch
    {
        "disable" => SslMode.Disable,
        "allow" => SslMode.Allow,
        "prefer" => SslMode.Prefer,
        "require" => SslMode.Require,
        "verify-ca" or "verifyca" => SslMode.VerifyCA,
        "verify-full" or "verifyfull" => SslMode.VerifyFull,
        _ => throw new ArgumentException($"sslmode is '{value}'; allowed are disable, allow, prefer, require, verify-ca, verify-full."),
    };
}
