using System.Text;
using Osmo.Protocol.Runtime;
using Osmo.Runtime.User;

namespace Osmo.Runtime.Tests;

public class LineSplitterTests
{
    private const int Longest = LoggerProtocol.MaximumLineBytes;

    [Theory]
    [InlineData("a\nb\n", "a|b")]
    [InlineData("a\r\nb\r\r\n\n", "a|b\r|")]
    [InlineData("no end", "no end")]
    [InlineData("\n\n", "|")]
    [InlineData("a\rb", "a\rb")]
    public void Push_Text_SplitsTheSameInAnyChunks(string text, string lines)
    {
        for (var chunk = 1; chunk <= text.Length; chunk++)
            Assert.Equal(lines.Split('|'), Split(Encoding.UTF8.GetBytes(text), chunk));
    }

    [Fact]
    public void Push_Nothing_GivesNothing() => Assert.Empty(Split([], 1));

    [Theory]
    [InlineData(Longest)]
    [InlineData(Longest + 1)]
    [InlineData(3 * Longest + 7)]
    public void Push_LongLine_IsCutAndNothingIsLost(int length)
    {
        var text = string.Concat(Enumerable.Range(0, length).Select(index => (char)('a' + index % 26)));
        foreach (var chunk in (int[])[1000, Longest - 1, Longest, Longest + 1, length])
        {
            var lines = Split(Encoding.UTF8.GetBytes(text + "\r\nnext\n"), chunk);
            Assert.Equal("next", lines[^1]);
            Assert.All(lines, line => Assert.InRange(line.Length, 1, Longest));
            Assert.Equal(text, string.Concat(lines[..^1]));
        }
    }

    [Theory]
    [InlineData("é")]
    [InlineData("漢")]
    [InlineData("🙂")]
    public void Push_LongLineOfWideCharacters_TearsNone(string character)
    {
        var text = "x" + string.Concat(Enumerable.Repeat(character, 20_000));

        var lines = Split(Encoding.UTF8.GetBytes(text), 4096);

        Assert.True(lines.Count > 1);
        Assert.Equal(text, string.Concat(lines));
    }

    private static List<string> Split(byte[] bytes, int chunk)
    {
        var splitter = new LineSplitter();
        var lines = new List<string>();
        for (var at = 0; at < bytes.Length; at += chunk)
        {
            splitter.Push(bytes.AsSpan(at, int.Min(chunk, bytes.Length - at)));
            Collect(splitter, lines);
        }

        splitter.Finish();
        Collect(splitter, lines);
        return lines;
    }

    private static void Collect(LineSplitter splitter, List<string> lines)
    {
        var text = splitter.Text;
        foreach (var length in splitter.Lengths)
        {
            lines.Add(Encoding.UTF8.GetString(text[..length]));
            text = text[length..];
        }
    }
}
