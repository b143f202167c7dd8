using System.Security.Cryptography;
using System.Text;

namespace Osmo.Storage.Migrations;

/// <summary>One numbered step of the schema. Its text is never edited once released; the checksum proves it.</summary>
internal sealed record Migration(int Number, string Name, string Text)
{
    public string Checksum { get; } = Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(Text.ReplaceLineEndings("\n"))));
}

/// <summary>A step that a database says it has.</summary>
internal sealed record AppliedMigration(int Number, string Name, string Checksum);

/// <summary>The steps of one database engine that this program knows, embedded as <c>Migrations/&lt;engine&gt;/NNNN_name.sql</c>.</summary>
internal static class MigrationSet
{
    public const string TableName = "schema_migration";

    public static IReadOnlyList<Migration> Load(string engine)
    {
        var assembly = typeof(MigrationSet).Assembly;
        var folder = $"Osmo.Storage.Migrations.{engine}.";
        return
        [
            .. assembly.GetManifestResourceNames()
                .Where(name => name.StartsWith(folder, StringComparison.Ordinal))
                .Order(StringComparer.Ordinal)
                .Select(name => Parse(name[folder.Length..^".sql".Length], assembly.GetManifestResourceStream(name)!)),
        ];
    }

    /// <summary>The steps still to apply. Throws <see cref="StorageConfigurationException"/> when the database is newer than this program or has other steps.</summary>
    public static IReadOnlyList<Migration> Pending(IReadOnlyList<Migration> known, IReadOnlyList<AppliedMigration> applied)
    {
        var byNumber = known.ToDictionary(migration => migration.Number);
        foreach (var step in applied)
        {
            if (!byNumber.TryGetValue(step.Number, out var mine))
            {
                throw new StorageConfigurationException(
                    $"Database: its schema is newer than this program: it has step {step.Number:D4}_{step.Name}, this program knows up to "
                    + $"{known.Max(migration => migration.Number):D4}. Run the newer program, or restore the database from before its upgrade.");
            }
            if (mine.Checksum != step.Checksum)
            {
                throw new StorageConfigurationException(
                    $"Database: schema step {step.Number:D4}_{step.Name} was applied with other content (checksum {step.Checksum}) than this program's "
                    + $"({mine.Checksum}). The database belongs to another build; use that build, or a fresh database.");
            }
        }
        var done = applied.Select(step => step.Number).ToHashSet();
        return [.. known.Where(migration => !done.Contains(migration.Number))];
    }

    private static Migration Parse(string name, Stream content)
    {
        using var reader = new StreamReader(content, Encoding.UTF8);
        var separator = name.IndexOf('_');
        return new(int.Parse(name.AsSpan(0, separator)), name[(separator + 1)..], reader.ReadToEnd());
    }
}
