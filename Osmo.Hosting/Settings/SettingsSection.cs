using System.Collections;
using System.Collections.Immutable;
using System.Globalization;
using System.Reflection;
using Microsoft.Extensions.Configuration;

namespace Osmo.Hosting.Settings;

/// <summary>A setting of a program: its full name (<c>Osmo:Silo:SiloPort</c>) and its default as it would be written; null when it has none.</summary>
public sealed record Setting(string Name, string? Default);

/// <summary>Settings that are bound to one type, whose public properties they are. What the type holds when it is new are the defaults.</summary>
public sealed record SettingsSection(string Name, Type Type)
{
    public static SettingsSection Of<T>(string name) where T : new() => new(name, typeof(T));

    public IEnumerable<Setting> Settings()
    {
        var defaults = Activator.CreateInstance(Type);
        return Type.GetProperties(BindingFlags.Public | BindingFlags.Instance)
            .Where(property => property.CanWrite)
            .Select(property => new Setting(
                $"{Name}:{property.Name}",
                Default(property.GetValue(defaults))));
    }

    /// <summary>Lists are empty unless something is said.</summary>
    private static string? Default(object? value) =>
        value is string or not IEnumerable && Convert.ToString(value, CultureInfo.InvariantCulture) is { Length: > 0 } text ? text : null;
}

/// <summary>Reads settings and refuses what no program would read: a misspelt name must not silently mean the default.</summary>
public static class SettingsReader
{
    /// <summary>The sections that are ours; others (<c>Logging</c>) belong to the framework.</summary>
    private const string Prefix = "Osmo:";

    /// <exception cref="SettingsException">A value is not of its type.</exception>
    public static T Read<T>(this IConfiguration configuration, string section) where T : new()
    {
        var settings = new T();
        try
        {
            configuration.GetSection(section).Bind(settings);
        }
        catch (InvalidOperationException error)
        {
            throw new SettingsException($"{error.Message} Numbers are written as digits, times as hours:minutes:seconds, such as 00:00:05.", error);
        }

        return settings;
    }

    /// <exception cref="SettingsException">There is a setting below <c>Osmo</c>, or on the command line, that the program does not have.</exception>
    public static void RefuseUnknown(IConfiguration all, IConfiguration commandLine, ImmutableArray<SettingsSection> sections)
    {
        var known = sections.SelectMany(section => section.Settings()).Select(setting => setting.Name).ToHashSet(StringComparer.OrdinalIgnoreCase);
        var given = Names(all).Where(name => name.StartsWith(Prefix, StringComparison.OrdinalIgnoreCase))
            .Concat(Names(commandLine).Where(name => !name.StartsWith("Logging:", StringComparison.OrdinalIgnoreCase)));
        var unknown = given.Where(name => !known.Contains(WithoutIndex(name))).Distinct(StringComparer.OrdinalIgnoreCase).Order(StringComparer.Ordinal).ToList();
        if (unknown.Count == 0)
        {
            return;
        }

        throw new SettingsException(
            $"{string.Join(", ", unknown)}: this program has no such setting. It has {string.Join(", ", known.Order(StringComparer.Ordinal))}, "
            + "and the framework's Logging:… ones.");
    }

    /// <summary>An item of a list belongs to its setting: <c>Osmo:Gateway:TunnelHosts:0</c>.</summary>
    private static string WithoutIndex(string name) =>
        name.LastIndexOf(':') is > 0 and var colon && int.TryParse(name.AsSpan(colon + 1), NumberStyles.None, CultureInfo.InvariantCulture, out _) ? name[..colon] : name;

    private static IEnumerable<string> Names(IConfiguration configuration) =>
        configuration.AsEnumerable().Where(pair => pair.Value is not null).Select(pair => pair.Key);
}
