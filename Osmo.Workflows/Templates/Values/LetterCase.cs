using System.Globalization;
using System.Text;

namespace Osmo.Workflows.Templates.Values;

/// <summary>Upper and lower case as Python has it, where one letter may become several.</summary>
internal static class LetterCase
{
    public static string Upper(string text)
    {
        var upper = text.ToUpperInvariant();
        if (Ascii.IsValid(upper))
        {
            return upper;
        }

        var result = new StringBuilder(upper.Length);
        foreach (var c in upper)
        {
            _ = Several(c) is { } letters ? result.Append(letters.ToUpperInvariant()) : result.Append(c);
        }

        return result.ToString();
    }

    public static string Lower(string text)
    {
        var lower = text.ToLowerInvariant();
        if (!lower.Contains('σ') && !lower.Contains('İ'))
        {
            return lower;
        }

        // The sigma at the end of a word has a form of its own.
        var result = new StringBuilder(lower.Length);
        for (var i = 0; i < lower.Length; i++)
        {
            var isFinal = text[i] == 'Σ' && i > 0 && char.IsLetter(text[i - 1]) && (i + 1 == text.Length || !char.IsLetter(text[i + 1]));
            _ = lower[i] == 'İ' ? result.Append("i\u0307") : result.Append(isFinal ? 'ς' : lower[i]);
        }

        return result.ToString();
    }

    public static string Fold(string text) => Lower(text.Replace("ß", "ss").Replace('ς', 'σ'));

    public static string Capitalize(string text)
    {
        var first = text.Length == 0 ? 0 : CodePoints.UnitOf(text, 1);
        return TitleStart(text[..first]) + Lower(text)[first..];
    }

    /// <summary><c>str.title()</c>: a capital wherever a letter does not follow a letter.</summary>
    public static string Title(string text)
    {
        var result = new StringBuilder(text.Length);
        var inWord = false;
        foreach (var rune in CodePoints.Runes(text))
        {
            var letter = rune.ToString();
            result.Append(inWord ? Lower(letter) : TitleStart(letter));
            inWord = HasCase(rune);
        }

        return result.ToString();
    }

    public static string Swap(string text)
    {
        var result = new StringBuilder(text.Length);
        foreach (var rune in CodePoints.Runes(text))
        {
            var letter = rune.ToString();
            result.Append(Rune.IsUpper(rune) ? Lower(letter) : Rune.IsLower(rune) ? Upper(letter) : letter);
        }

        return result.ToString();
    }

    public static bool IsUpper(string text) => HasOnly(text, static rune => Rune.IsUpper(rune));

    public static bool IsLower(string text) => HasOnly(text, static rune => Rune.IsLower(rune));

    public static bool IsTitle(string text)
    {
        var any = false;
        var inWord = false;
        foreach (var rune in CodePoints.Runes(text))
        {
            if (HasCase(rune))
            {
                if (inWord == IsCapital(rune))
                {
                    return false;
                }

                any = true;
            }

            inWord = HasCase(rune);
        }

        return any;
    }

    private static bool HasOnly(string text, Func<Rune, bool> isWanted)
    {
        var any = false;
        foreach (var rune in CodePoints.Runes(text))
        {
            if (HasCase(rune))
            {
                if (!isWanted(rune))
                {
                    return false;
                }

                any = true;
            }
        }

        return any;
    }

    private static bool IsCapital(Rune rune) => Rune.IsUpper(rune) || Rune.GetUnicodeCategory(rune) == UnicodeCategory.TitlecaseLetter;

    private static bool HasCase(Rune rune) => Rune.IsLower(rune) || IsCapital(rune);

    private static string TitleStart(string letter) => letter.Length == 1 && Several(letter[0]) is { } letters
        ? char.ToUpperInvariant(letters[0]) + letters[1..]
        : letter.ToUpperInvariant();

    /// <summary>The letters that a letter without a capital of its own is made of.</summary>
    private static string? Several(char c) => c switch
    {
        'ß' => "ss",
        'ŉ' => "ʼn",
        'ǰ' => "ǰ",
        'ﬀ' => "ff",
        'ﬁ' => "fi",
        'ﬂ' => "fl",
        'ﬃ' => "ffi",
        'ﬄ' => "ffl",
        'ﬅ' or 'ﬆ' => "st",
        _ => null,
    };
}
