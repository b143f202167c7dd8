using System.Diagnostics.CodeAnalysis;

namespace Orleans.Runtime;

/// <summary>The text of one part of a grain identity.</summary>
public readonly record struct IdSpan
{
    private readonly string? _text;

    private IdSpan(string text) => _text = text;

    public bool IsDefault => string.IsNullOrEmpty(_text);

    public static IdSpan Create(string id)
    {
        ArgumentNullException.ThrowIfNull(id);
        return new IdSpan(id);
    }

    public override string ToString() => _text ?? "";
}

/// <summary>The name of a grain class in identities: that of its <see cref="GrainTypeAttribute"/>.</summary>
public readonly record struct GrainType(IdSpan Value)
{
    public bool IsDefault => Value.IsDefault;

    public static GrainType Create(string value) => new(IdSpan.Create(value));

    public override string ToString() => Value.ToString();
}

/// <summary>The identity of a grain: type and key. Written "type/key"; a key may itself contain slashes.</summary>
public readonly record struct GrainId(GrainType Type, IdSpan Key)
{
    public bool IsDefault => Type.IsDefault && Key.IsDefault;

    public static GrainId Create(string type, string key) => new(GrainType.Create(type), IdSpan.Create(key));

    public static GrainId Create(GrainType type, string key) => new(type, IdSpan.Create(key));

    /// <exception cref="FormatException">The text has no slash, or nothing before it.</exception>
    public static GrainId Parse(string value) => TryParse(value, out var id)
        ? id
        : throw new FormatException($"'{value}' is not a grain id; expected 'type/key'.");

    public static bool TryParse([NotNullWhen(true)] string? value, out GrainId result)
    {
        var slash = value?.IndexOf('/') ?? -1;
        result = slash > 0 ? Create(value![..slash], value[(slash + 1)..]) : default;
        return slash > 0;
    }

    public override string ToString() => $"{Type}/{Key}";
}
