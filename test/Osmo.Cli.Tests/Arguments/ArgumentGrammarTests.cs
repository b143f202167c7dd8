using System.CommandLine;
using Osmo.Cli.Arguments;

namespace Osmo.Cli.Tests.Arguments;

public class ArgumentGrammarTests
{
    [Theory]
    [InlineData("sub --name=x file", "sub --name=x -- file")]
    [InlineData("sub file --name x", "sub --name=x -- file")]
    [InlineData("sub -n x", "sub --name=x")]
    [InlineData("sub -nx", "sub --name=x")]
    [InlineData("sub -n=x", "sub --name=x")]
    [InlineData("sub --na x", "sub --name=x")]
    [InlineData("sub --name a --name b", "sub --name=b")]
    [InlineData("sub -n -5", "sub --name=-5")]
    [InlineData("sub --name=-x", "sub --name=-x")]
    [InlineData("sub --last a b --all", "sub --last=a --last=b --all")]
    [InlineData("sub --last a b --last c", "sub --last=c")]
    [InlineData("sub --every a b --every c", "sub --every=a --every=b --every=c")]
    [InlineData("sub --each a file --each b", "sub --each=a --each=b -- file")]
    [InlineData("sub -av", "sub --all --verbose")]
    [InlineData("sub -avnx", "sub --all --verbose --name=x")]
    [InlineData("sub -pl x", "sub --platform=x")]
    [InlineData("sub -- --name -x", "sub -- --name -x")]
    [InlineData("sub --last a -- b", "sub --last=a -- b")]
    [InlineData("--log WARN sub x", "--log=WARN sub -- x")]
    [InlineData("sub x --help --nonsense", "sub --help")]
    public void Canonical_WhatScriptsWrite_IsPutPlainly(string words, string expected) =>
        Assert.Equal(expected, string.Join(' ', ArgumentGrammar.Canonical(Program(), words.Split(' '))));

    [Theory]
    [InlineData("nonsense", "osmo", "invalid choice: 'nonsense' (choose from sub)")]
    [InlineData("sub --nonsense", "osmo sub", "unrecognized arguments: --nonsense")]
    [InlineData("sub -z", "osmo sub", "unrecognized arguments: -z")]
    [InlineData("sub --log DEBUG", "osmo sub", "unrecognized arguments: --log")]
    [InlineData("sub --e x", "osmo sub", "ambiguous option: --e could match --every, --each")]
    [InlineData("sub --name", "osmo sub", "argument --name: expected one argument")]
    [InlineData("sub --name --all", "osmo sub", "argument --name: expected one argument")]
    [InlineData("sub --last --all", "osmo sub", "argument --last: expected at least one argument")]
    [InlineData("sub --all=yes", "osmo sub", "argument --all: takes no value, got 'yes'")]
    public void Canonical_WhatNobodyCanMean_IsRefused(string words, string command, string message)
    {
        var error = Assert.Throws<UsageException>(() => ArgumentGrammar.Canonical(Program(), words.Split(' ')));

        Assert.Equal((command, message), (error.Command, error.Message));
    }

    [Fact]
    public void Canonical_TextThatStartsWithADash_IsAValue() =>
        Assert.Equal(
            ["sub", "--name=- not an option"], ArgumentGrammar.Canonical(Program(), ["sub", "--name", "- not an option"]).AsEnumerable());

    private static Command Program() => new("osmo")
    {
        new System.CommandLine.Help.HelpOption("--help", "-h") { Recursive = true },
        new Option<string>("--log"),
        new Command("sub")
        {
            new Argument<string[]>("files"),
            new Option<string>("--name", "-n"),
            new Option<string>("--platform", "-pl"),
            new Option<bool>("--all", "-a"),
            new Option<bool>("--verbose", "-v"),
            new WordsOption("--last", "-l", WordsKind.LastList, ""),
            new WordsOption("--every", null, WordsKind.AllLists, ""),
            new WordsOption("--each", null, WordsKind.OneEach, ""),
        },
    };
}
