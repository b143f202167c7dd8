namespace Osmo.Workflows.Templates;

/// <summary>Ends a render; becomes <see cref="TemplateResult.Failed"/> at the engine's border.</summary>
internal sealed class TemplateException(TemplateFault fault, string message, int line = 0) : Exception(message)
{
    public TemplateFault Fault { get; } = fault;

    /// <summary>From 1; 0 when not known yet.</summary>
    public int Line { get; set; } = line;

    public static TemplateException Syntax(string message, int line) => new(TemplateFault.Syntax, message, line);

    public static TemplateException Value(string message) => new(TemplateFault.Value, message);

    public static TemplateException TooDeep() => Value("maximum recursion depth exceeded");
}
