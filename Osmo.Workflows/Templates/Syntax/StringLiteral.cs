using System.Globalization;
using System.Text;

namespace Osmo.Workflows.Templates.Syntax;

/// <summary>Escapes of Python's string literals.</summary>
internal static class StringLiteral
{
    public static string Unescape(string raw, Cursor at)
    {
        if (!raw.Contains('\\'))
        {
            return raw;
        }

        var text = new StringBuilder(raw.Length);
        for (var i = 0; i < raw.Length; i++)
        {
            if (raw[i] == '\\')
            {
                i = Escape(raw, i + 1, text, at);
            }
            else
            {
                text.Append(raw[i]);
            }
        }

        return text.ToString();
    }

    /// <summary>Appends what the escape whose letter is at <paramref name="i"/> stands for; gives the place of its last character.</summary>
    private static int Escape(string raw, int i, StringBuilder text, Cursor at)
    {
        switch (raw[i])
        {
            case 'x':
                return Hex(raw, i, 2, text, at);
            case 'u':
                return Hex(raw, i, 4, text, at);
            case 'U':
                return Hex(raw, i, 8, text, at);
            case 'N':
                throw at.Error("characters cannot be given by name");
            case >= '0' and <= '7':
                return Octal(raw, i, text);
        }

        _ = raw[i] switch
        {
            'n' => text.Append('\n'),
            't' => text.Append('\t'),
            'r' => text.Append('\r'),
            'b' => text.Append('\b'),
            'f' => text.Append('\f'),
            'v' => text.Append('\v'),
            'a' => text.Append('\a'),
            '\n' => text,
            '\\' or '\'' or '"' => text.Append(raw[i]),
            _ => text.Append('\\').Append(raw[i]),
        };
        return i;
    }

    private static int Hex(string raw, int i, int digits, StringBuilder text, Cursor at)
    {
        if (i + digits >= raw.Length || !int.TryParse(raw.AsSpan(i + 1, digits), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out var code))
        {
            throw at.Error($"truncated \\{raw[i]}{new string('X', digits)} escape");
        }

        if (code is < 0 or > 0x10FFFF)
        {
            throw at.Error("illegal Unicode character");
        }

        _ = code <= 0xFFFF ? text.Append((char)code) : text.Append(char.ConvertFromUtf32(code));
        return i + digits;
    }

    private static int Octal(string raw, int i, StringBuilder text)
    {
        var code = 0;
        var end = i;
        while (end < raw.Length && end < i + 3 && raw[end] is >= '0' and <= '7')
        {
            code = (code * 8) + raw[end++] - '0';
        }

        text.Append((char)code);
        return end - 1;
    }
}
