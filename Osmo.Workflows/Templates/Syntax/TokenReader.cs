using Osmo.Workflows.Templates.Evaluation;

namespace Osmo.Workflows.Templates.Syntax;

/// <summary>A position in a template's tokens.</summary>
internal sealed class TokenReader(List<Token> tokens, Budget budget)
{
    private int _position;

    public Token Current => tokens[_position];

    public Token Next => tokens[Math.Min(_position + 1, tokens.Count - 1)];

    /// <exception cref="TemplateException">What follows the token cannot be read.</exception>
    public Token Take()
    {
        var taken = Current;
        _position = Math.Min(_position + 1, tokens.Count - 1);
        ThrowIfFault();
        return taken;
    }

    public void ThrowIfFault()
    {
        if (Current.Kind == TokenKind.Fault)
        {
            throw TemplateException.Syntax(Current.Text, Current.Line);
        }
    }

    public bool TakeOperator(string text)
    {
        if (!Current.IsOperator(text))
        {
            return false;
        }

        Take();
        return true;
    }

    public bool TakeName(string text)
    {
        if (!Current.IsName(text))
        {
            return false;
        }

        Take();
        return true;
    }

    public Token Expect(TokenKind kind) => Current.Kind == kind ? Take() : throw NotExpected(new Token(kind, "name", 0).Description);

    public void ExpectOperator(string text)
    {
        if (!TakeOperator(text))
        {
            throw NotExpected(text);
        }
    }

    public void ExpectName(string text)
    {
        if (!TakeName(text))
        {
            throw NotExpected(text);
        }
    }

    /// <summary>One level deeper; templates that are nested too deep are refused rather than overflowing the stack.</summary>
    public void Enter()
    {
        budget.Step();
        budget.Enter();
    }

    public void Leave() => budget.Leave();

    public TemplateException Error(string message) => TemplateException.Syntax(message, Current.Line);

    private TemplateException NotExpected(string expected) => Current.Kind == TokenKind.End
        ? Error($"unexpected end of template, expected '{expected}'.")
        : Error($"expected token '{expected}', got '{Current.Description}'");
}
