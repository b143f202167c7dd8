using System.Diagnostics.CodeAnalysis;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Osmo.Gateway.Conventions;

/// <summary>Reads the parts of a request and collects everything that is wrong with them, so that one answer names it all.</summary>
public sealed class RequestInput(HttpContext context)
{
    private readonly List<RequestError> _errors = [];

    /// <summary>True when something was wrong; then <paramref name="answer"/> says it and nothing else that was read may be used.</summary>
    public bool IsInvalid([NotNullWhen(true)] out IResult? answer)
    {
        answer = _errors.Count == 0 ? null : Answers.Unprocessable(_errors);
        return answer is not null;
    }

    public T Read<T>(QueryParameter<T> parameter) => parameter.Parse(context.Request.Query[parameter.Name], _errors);

    public string Path(string name) => (string)context.Request.RouteValues[name]!;

    public int PathInt(string name)
    {
        var text = Path(name);
        if (QueryParameter.ParseInt(text) is { } value)
        {
            return value;
        }

        _errors.Add(RequestError.NotAnInteger(text, "path", name));
        return 0;
    }

    /// <summary>
    /// The body as a JSON object; null when it is empty or <c>null</c>. Every client sends a JSON content type, with and without body
    /// (contract: api-rest §2.5).
    /// </summary>
    public async Task<BodyReader?> ReadBody()
    {
        using var body = new MemoryStream();
        await context.Request.Body.CopyToAsync(body, context.RequestAborted);
        var text = body.GetBuffer().AsMemory(0, (int)body.Length);
        if (text.Span.Trim(" \t\r\n"u8).IsEmpty)
        {
            return null;
        }

        if (!JsonBody.TryParse(text.Span, _errors, out var parsed))
        {
            return null;
        }

        switch (parsed)
        {
            case null:
                return null;
            case JsonObject values:
                return new BodyReader(values, _errors);
            default:
                _errors.Add(new(
                    "model_attributes_type", ["body"], "Input should be a valid dictionary or object to extract fields from", parsed));
                return null;
        }
    }

    /// <summary>As <see cref="ReadBody"/>, where a body is required.</summary>
    public async Task<BodyReader> ReadRequiredBody()
    {
        var body = await ReadBody();
        if (body is null && _errors.Count == 0)
        {
            _errors.Add(RequestError.Missing("body"));
        }

        return body ?? new BodyReader([], []);
    }
}

/// <summary>Members of a JSON body; what is wrong is added to the errors of the request.</summary>
public sealed class BodyReader(JsonObject body, ICollection<RequestError> errors)
{
    private readonly HashSet<string> _known = [];

    public string RequiredText(string name)
    {
        if (!TryGet(name, out var node))
        {
            errors.Add(RequestError.Missing("body", name));
            return "";
        }

        return AsText(node, () => RequestError.NotAText(node?.DeepClone(), "body", name)) ?? "";
    }

    public string? OptionalText(string name) =>
        TryGet(name, out var node) && node is not null ? AsText(node, () => RequestError.NotAText(node.DeepClone(), "body", name)) : null;

    public bool? OptionalBool(string name)
    {
        if (!TryGet(name, out var node) || node is null)
        {
            return null;
        }

        var value = node.GetValueKind() switch
        {
            JsonValueKind.True => true,
            JsonValueKind.False => false,
            JsonValueKind.String => QueryParameter.ParseBool(node.GetValue<string>()),
            _ => null,
        };
        if (value is null)
        {
            errors.Add(RequestError.NotABool(node.ToString(), "body", name));
        }

        return value;
    }

    public IReadOnlyList<string> TextList(string name)
    {
        if (!TryGet(name, out var node))
        {
            return [];
        }

        if (node is not JsonArray items)
        {
            errors.Add(RequestError.NotAList(node?.DeepClone(), "body", name));
            return [];
        }

        var texts = new List<string>(items.Count);
        for (var i = 0; i < items.Count; i++)
        {
            var (item, index) = (items[i], i);
            if (AsText(item, () => RequestError.NotAText(item?.DeepClone(), "body", name, index)) is { } text)
            {
                texts.Add(text);
            }
        }

        return texts;
    }

    /// <summary>For strict bodies: members that were not asked for are errors.</summary>
    public void RejectOthers()
    {
        foreach (var (name, value) in body)
        {
            if (!_known.Contains(name))
            {
                errors.Add(RequestError.Unknown(value?.DeepClone(), "body", name));
            }
        }
    }

    private bool TryGet(string name, out JsonNode? node)
    {
        _known.Add(name);
        return body.TryGetPropertyValue(name, out node);
    }

    private string? AsText(JsonNode? node, Func<RequestError> complaint)
    {
        if (node?.GetValueKind() == JsonValueKind.String)
        {
            return node.GetValue<string>();
        }

        errors.Add(complaint());
        return null;
    }
}
