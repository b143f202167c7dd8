using System.Collections.Immutable;
using System.Globalization;
using System.Text.Json.Nodes;
using Microsoft.Extensions.Primitives;
using Osmo.Workflows;

namespace Osmo.Gateway.Conventions;

/// <summary>A query parameter, declared once: it is read by this declaration, and described by it in the API document.</summary>
public abstract class QueryParameter(string name, QueryParameterSchema schema)
{
    public string Name { get; } = name;

    public QueryParameterSchema Schema { get; } = schema;

    /// <summary>
    /// The usual kinds (contract: api-rest §2.4): unknown parameters are ignored, of a repeated scalar the last counts, lists are repeated
    /// keys.
    /// </summary>
    public static QueryParameter<bool> Bool(string name, bool absent = false) => Scalar(
        name, new("boolean", Default: absent), absent,
        (text, errors) => ParseBool(text) ?? Report(errors, RequestError.NotABool(text, "query", name), absent));

    public static QueryParameter<string?> Text(string name) => Scalar<string?>(
        name, new("string"), null, (text, errors) => Storable(text, errors, "query", name));

    public static QueryParameter<string> RequiredText(string name) =>
        new(name, new("string", IsRequired: true), (values, errors) =>
            values.Count > 0 ? Storable(values[^1]!, errors, "query", name) : Report(errors, RequestError.Missing("query", name), ""));

    public static QueryParameter<int> Int(string name, int absent) => Scalar(
        name, new("integer", Default: absent), absent,
        (text, errors) => ParseInt(text) ?? Report(errors, RequestError.NotAnInteger(text, "query", name), absent));

    public static QueryParameter<int?> OptionalInt(string name) => Scalar<int?>(
        name, new("integer"), null,
        (text, errors) => ParseInt(text) ?? Report<int?>(errors, RequestError.NotAnInteger(text, "query", name), null));

    public static QueryParameter<DateTime?> Time(string name) => Scalar<DateTime?>(
        name, new("string", Format: "date-time"), null,
        (text, errors) =>
            Timestamps.TryParse(text, out var time) ? time : Report<DateTime?>(errors, RequestError.NotATime(text, "query", name), null));

    public static QueryParameter<T> Enum<T>(string name, T absent) where T : struct, Enum => Scalar(
        name, new("string", Allowed: WireEnum<T>.AllNames, Default: WireEnum<T>.Name(absent)), absent,
        (text, errors) => WireEnum<T>.TryParse(text, out var value)
            ? value
            : Report(errors, RequestError.NotOneOf(WireEnum<T>.AllNames, text, "query", name), absent));

    public static QueryParameter<ImmutableArray<string>> TextList(string name) =>
        new(name, new("string", IsList: true), (values, errors) => [.. values.OfType<string>().Select((text, i) => Storable(text, errors, "query", name, i))]);

    public static QueryParameter<ImmutableArray<T>> EnumList<T>(string name) where T : struct, Enum => new(
        name, new("string", Allowed: WireEnum<T>.AllNames, IsList: true),
        (values, errors) =>
        {
            var parsed = ImmutableArray.CreateBuilder<T>(values.Count);
            for (var i = 0; i < values.Count; i++)
            {
                if (WireEnum<T>.TryParse(values[i], out var value))
                {
                    parsed.Add(value);
                }
                else
                {
                    errors.Add(RequestError.NotOneOf(WireEnum<T>.AllNames, values[i] ?? "", "query", name, i));
                }
            }

            return parsed.DrainToImmutable();
        });

    /// <summary><c>true/false/1/0/yes/no/on/off/t/f/y/n</c> in any case; null otherwise.</summary>
    internal static bool? ParseBool(string text) => text.ToLowerInvariant() switch
    {
        "true" or "1" or "yes" or "on" or "t" or "y" => true,
        "false" or "0" or "no" or "off" or "f" or "n" => false,
        _ => null,
    };

    internal static int? ParseInt(string text) =>
        int.TryParse(text.Trim(), NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var value) ? value : null;

    /// <summary>The text; it may be what a query compares with.</summary>
    private static string Storable(string text, ICollection<RequestError> errors, params JsonNode[] location) =>
        text.Contains('\0') ? Report(errors, RequestError.WithNul(text, location), text) : text;

    private static QueryParameter<T> Scalar<T>(
        string name, QueryParameterSchema schema, T absent, Func<string, ICollection<RequestError>, T> parse) =>
        new(name, schema, (values, errors) => values.Count > 0 ? parse(values[^1] ?? "", errors) : absent);

    private static T Report<T>(ICollection<RequestError> errors, RequestError error, T instead)
    {
        errors.Add(error);
        return instead;
    }
}

/// <summary>A parameter and how its values become a <typeparamref name="T"/>; what is wrong is added to the errors.</summary>
public sealed class QueryParameter<T>(
    string name, QueryParameterSchema schema, Func<StringValues, ICollection<RequestError>, T> parse) : QueryParameter(name, schema)
{
    internal T Parse(StringValues values, ICollection<RequestError> errors) => parse(values, errors);
}

/// <summary>How the API document describes a parameter.</summary>
/// <param name="Type">JSON type of the value, or of each value of a list.</param>
public sealed record QueryParameterSchema(
    string Type,
    string? Format = null,
    IReadOnlyList<string>? Allowed = null,
    bool IsList = false,
    bool IsRequired = false,
    JsonNode? Default = null);
