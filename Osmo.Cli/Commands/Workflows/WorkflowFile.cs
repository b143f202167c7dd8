using System.Buffers;
using System.Text;
using System.Text.RegularExpressions;
using Osmo.Cli.Client;
using Osmo.Workflows.Specification;
using Osmo.Workflows.Yaml;

namespace Osmo.Cli.Commands.Workflows;

/// <summary>A specification on disk (contract: cli §12 steps 2 to 4).</summary>
internal sealed partial record WorkflowFile(string Path, string Text)
{
    private static readonly SearchValues<string> TemplateMarks =
        SearchValues.Create(["{%", "{{", "{#", "default-values"], StringComparison.Ordinal);
    private static readonly UTF8Encoding StrictUtf8 = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    /// <summary>
    /// Whether the service must render the text before local files can be put into it. Tokens such as <c>{{output}}</c> count.
    /// </summary>
    public bool IsTemplated => Text.AsSpan().ContainsAny(TemplateMarks);

    /// <summary>Whether the text has no template and no local files, and begins its sections where the service looks for them.</summary>
    public bool IsPlain => !IsTemplated && !MayHaveLocalFiles && SpecSections.Split(Text) is SectionsOutcome.Split;

    /// <summary>Whether there may be files on this machine that must be put into it.</summary>
    public bool MayHaveLocalFiles => Text.Contains(LocalFiles.LocalPath, StringComparison.Ordinal);

    /// <summary>Directory that the paths in the specification start from.</summary>
    public string Directory => System.IO.Path.GetDirectoryName(System.IO.Path.GetFullPath(Path))!;

    /// <summary>Null when there is no such file, and the argument is the ID of a workflow.</summary>
    /// <exception cref="CommandException">The file cannot be read.</exception>
    public static WorkflowFile? OpenUnlessId(string argument) =>
        !File.Exists(argument) && WorkflowId().IsMatch(argument) ? null : Open(argument);

    /// <exception cref="CommandException">The file cannot be read.</exception>
    public static WorkflowFile Open(string path) =>
        new(path, Read(path, File.Exists(path) ? null
            : System.IO.Directory.Exists(path) ? $"{path} is a folder, not a workflow file."
            : $"The workflow file {path} does not exist."));

    /// <summary>The file a specification wants to carry along.</summary>
    /// <exception cref="CommandException">It cannot be read as text.</exception>
    public static string ReadLocal(string path) =>
        Read(path, File.Exists(path) || System.IO.Directory.Exists(path) ? null : $"The file/path {path} does not exist!");

    /// <summary>The document of a specification.</summary>
    /// <param name="text">This file's text, or what the service made of it.</param>
    /// <exception cref="CommandException">The text is no YAML.</exception>
    public YamlValue Parse(string text) => YamlReader.Read(text) switch
    {
        YamlReadResult.Read read => read.Root,
        YamlReadResult.Failed failed => throw new CommandException($"{Path} is not valid YAML: {failed.Message} ({failed.Position})"),
        var other => throw new InvalidOperationException($"Unknown result {other}."),
    };

    private static string Read(string path, string? fault)
    {
        if (fault is not null)
        {
            throw new CommandException(fault, ExitCodes.Submission);
        }

        try
        {
            return File.ReadAllText(path, StrictUtf8);
        }
        catch (DecoderFallbackException error)
        {
            throw new CommandException($"{path} is not UTF-8 text.", ExitCodes.Submission, error);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw new CommandException($"{path} cannot be read: {error.Message}", ExitCodes.Submission, error);
        }
    }

    [GeneratedRegex(@"^[a-zA-Z](?:[a-zA-Z0-9_-]*[a-zA-Z0-9])?-[0-9]+\z", RegexOptions.CultureInvariant)]
    private static partial Regex WorkflowId();
}
