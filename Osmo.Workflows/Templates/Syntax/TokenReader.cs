namespace Osmo.Workflows.Templates.Syntax;

/// <summary>A position in a template's tokens.</summary>
internal sealed class TokenReader(List<Token> tokens)
{
    /// <summary>Nesting of expressions and blocks; deeper templates are refused rather than overflowing the stack.</summary>
    private const int DepthMax = 200;

    private int _position;
    private int _depth;

    public Token Current => tokens[_position];

    public int Position => _position;

    public Token Next => tokens[Math.Min(_position + 1, tokens.Count - 1)];

    public Token Take() => tokens[_position < tokens.Count - 1 ? _position++ : _position];

    public bool TakeIf(TokenKind kind, string text)
    {
        if (!Current.Is(kind, text))
        {
            return false;
        }

        Take();
        return true;
    }

    public bool TakeOperator(string text) => TakeIf(TokenKind.Operator, text);

    public bool TakeName(string text) => TakeIf(TokenKind.Name, text);

    public Token Expect(TokenKind kind)
    {
        if (Current.Kind != kind)
        {
            var expected = new Token(kind, kind == TokenKind.Name ? "name" : "", 0).Description;
            throw Current.Kind == TokenKind.End
                ? Error($"unexpected end of template, expected '{expected}'.")
                : Error($"expected token '{expected}', got '{Current.Description}'");
        }

        return Take();
    }

    public void ExpectOperator(string text)
    {
        if (!TakeOperator(text))
        {
            throw Error($"expected token '{text}', got '{Current.Description}'");
        }
    }

    /// <summary>Whether a name was taken between <paramref name="start"/> and here.</summary>
    public bool Mentions(int start, string name) => tokens[start.._position].Exists(token => token.IsName(name));

    public void Enter()
    {
        if (++_depth > DepthMax)
        {
            throw Error($"nested deeper than {DepthMax} levels");
        }
    }

    public void Leave() => _depth--;

    public TemplateException Error(string message) => new(TemplateFault.Syntax, message, Current.Line);
}
