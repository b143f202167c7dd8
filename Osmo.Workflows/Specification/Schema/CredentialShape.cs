using System.Collections.Immutable;
using System.Diagnostics.CodeAnalysis;
using System.Text.Json.Nodes;
using Osmo.Workflows.Yaml;

namespace Osmo.Workflows.Specification.Schema;

/// <summary>
/// Uses of credentials: a directory for all keys, or environment variables for chosen keys (contract: workflow-spec §6.8).
/// </summary>
internal static class CredentialShape
{
    public static readonly Shape<ImmutableArray<CredentialUse>> Credentials =
        new CustomShape<ImmutableArray<CredentialUse>>(TryRead, _ => Describe());

    private static bool TryRead(Reading at, [MaybeNullWhen(false)] out ImmutableArray<CredentialUse> value)
    {
        value = [];
        if (at.Value is not YamlValue.Map map)
        {
            return at.FailRule($"credentials must be a dict, got {PythonText.TypeName(at.Value)}", "a map of credential names");
        }

        var uses = ImmutableArray.CreateBuilder<CredentialUse>(map.Entries.Length);
        var complete = true;
        foreach (var entry in map.Entries)
        {
            var name = PythonText.OfScalar(entry.Key);
            if (name is null)
            {
                complete = at.At(entry.Key.Kind, entry.Key).Fail("Input should be a valid string", "the name of a credential");
            }
            else if (TryReadUse(name, at.At(name, entry.Value), out var use))
            {
                uses.Add(use);
            }
            else
            {
                complete = false;
            }
        }

        value = uses.ToImmutable();
        return complete;
    }

    private static bool TryReadUse(string name, Reading at, [MaybeNullWhen(false)] out CredentialUse use)
    {
        use = null;
        if (PythonText.OfScalar(at.Value) is { } directory)
        {
            use = new CredentialUse.AsFiles(name, directory);
            return true;
        }

        if (at.Value is not YamlValue.Map map)
        {
            return at.FailRule($"credential value for {name} must be a str or dict, got {PythonText.TypeName(at.Value)}",
                "a directory, or a map of environment variables to credential keys");
        }

        var variables = ImmutableArray.CreateBuilder<KeyValuePair<string, string>>(map.Entries.Length);
        var complete = true;
        foreach (var entry in map.Entries)
        {
            var variable = PythonText.OfScalar(entry.Key) ?? entry.Key.Kind;
            if (PythonText.OfScalar(entry.Value) is { } key)
            {
                variables.Add(new(variable, key));
            }
            else
            {
                complete = at.At(variable, entry.Value).FailRule($"credential key mapping value for {name}.{variable} must be a scalar, got {PythonText.TypeName(entry.Value)}", "a key of the credential");
            }
        }

        use = complete ? new CredentialUse.AsEnvironment(name, variables.ToImmutable()) : null;
        return complete;
    }

    private static JsonObject Describe()
    {
        static JsonArray Scalar() => ["string", "number", "boolean"];

        return new JsonObject
        {
            ["type"] = "object",
            ["additionalProperties"] = new JsonObject
            {
                ["anyOf"] = new JsonArray(
                    new JsonObject { ["type"] = Scalar() },
                    new JsonObject { ["type"] = "object", ["additionalProperties"] = new JsonObject { ["type"] = Scalar() } }),
            },
        };
    }
}
