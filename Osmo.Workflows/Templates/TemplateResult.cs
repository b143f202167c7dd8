namespace Osmo.Workflows.Templates;

/// <summary>Outcome of a render: the text, or why there is none (contract: workflow-spec §3.5).</summary>
public abstract record TemplateResult
{
    private TemplateResult()
    {
    }

    /// <summary>The whole text.</summary>
    public sealed record Rendered(string Text) : TemplateResult
    {
        /// <summary>Where its lines stand in the template.</summary>
        public SourceLines Lines { get; init; } = SourceLines.Same;
    }

    /// <summary>Message without prefix, such as <c>'x' is undefined</c>; <paramref name="Line"/> counts from 1 in the template, 0 when unknown.</summary>
    public sealed record Failed(TemplateFault Fault, string Message, int Line = 0) : TemplateResult;
}

/// <summary>Kinds of template failure; clients see the names of Jinja's own exception classes (contract: workflow-spec §3.5).</summary>
public enum TemplateFault
{
    /// <summary>Undefined variable, attribute or element.</summary>
    Undefined = 1,

    /// <summary>Syntax error or unknown tag.</summary>
    Syntax,

    /// <summary>Unknown filter or test.</summary>
    Assertion,

    /// <summary>Something the sandbox forbids.</summary>
    Security,

    TimeLimit,

    MemoryLimit,

    /// <summary>A wrong type or value in an expression, such as <c>1 + 'a'</c> or <c>1 / 0</c>.</summary>
    Value,
}
