using System.Collections.Immutable;
using System.Globalization;
using System.Numerics;
using System.Text.Json;
using Osmo.Workflows.Quantities;
using Osmo.Workflows.Specification;
using Osmo.Workflows.Templates;

namespace Osmo.Workflows.Objects;

/// <summary>
/// The <c>USER_*</c> variables of pod templates and resource rules: the task's request over the defaults of pool and platform (contract:
/// config §8). All derived variables are computed after the defaults are applied.
/// </summary>
public static class ResourceVariables
{
    private const double DefaultCacheShare = 0.9;

    /// <exception cref="FormatException">
    /// <paramref name="cacheSize"/> or a size is malformed; submit has checked what the author wrote.
    /// </exception>
    public static TemplateValues Of(ResourceSpec resource, string? cacheSize, ImmutableSortedDictionary<string, JsonElement> defaults)
    {
        var variables = TemplateValues.Empty;
        foreach (var (name, value) in defaults)
        {
            variables = variables.With(name, TemplateJson.Value(value));
        }

        // Zero behaves like unset (contract: workflow-spec §6.9).
        if (resource.Cpu is { } cpu and not 0)
        {
            variables = variables.With("USER_CPU", new TemplateValue.Float(cpu));
        }

        if (resource.Gpu is { } gpu and not 0)
        {
            variables = variables.With("USER_GPU", new TemplateValue.Int(gpu));
        }

        variables = WithSize(variables, "USER_MEMORY", resource.Memory);
        variables = WithSize(variables, "USER_STORAGE", resource.Storage);
        return variables
            .With("USER_EXCLUDED_NODES", new TemplateValue.Text($"ARRAY:[{string.Join(',', resource.NodesExcluded)}]"))
            .WithCache(cacheSize);
    }

    /// <summary>GPUs after the defaults are applied.</summary>
    public static BigInteger Gpus(TemplateValues variables) => variables.ByName.GetValueOrDefault("USER_GPU") switch
    {
        TemplateValue.Int count => count.Value,
        TemplateValue.Float count => new BigInteger(count.Value),
        TemplateValue.Text text when BigInteger.TryParse(text.Value, NumberStyles.None, CultureInfo.InvariantCulture, out var count) =>
            count,
        _ => BigInteger.Zero,
    };

    private static TemplateValues WithSize(TemplateValues variables, string name, string? requested)
    {
        // Kubernetes knows no unit that ends in B; 4GiB is its 4Gi, and plain bytes have no unit.
        if (requested is not null)
        {
            variables = variables.With(name, new TemplateValue.Text(requested.TrimEnd('B')));
        }

        if (Size(variables, name) is not { } size)
        {
            return variables
                .With($"{name}_VAL", TemplateValue.None.Instance)
                .With($"{name}_UNIT", TemplateValue.None.Instance)
                .WithEachUnit(name, _ => TemplateValue.None.Instance);
        }

        return variables
            .With($"{name}_VAL", Number(size.Value))
            .With($"{name}_UNIT", new TemplateValue.Text(size.Unit.ToString()))
            .WithEachUnit(name, unit => Number(size.In(unit)));
    }

    private static TemplateValues WithEachUnit(this TemplateValues variables, string name, Func<QuantityUnit, TemplateValue> value)
    {
        foreach (var unit in Enum.GetValues<QuantityUnit>())
        {
            variables = variables.With($"{name}_{unit}", value(unit));
        }

        return variables;
    }

    private static TemplateValues WithCache(this TemplateValues variables, string? cacheSize)
    {
        if (cacheSize is null && variables.ByName.ContainsKey("USER_CACHE"))
        {
            return variables;
        }

        if (cacheSize is not null && !cacheSize.EndsWith('%'))
        {
            return variables.With("USER_CACHE", new TemplateValue.Text(cacheSize));
        }

        var share = cacheSize is null
            ? DefaultCacheShare
            : double.Parse(cacheSize.AsSpan(0, cacheSize.Length - 1), NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture) / 100;
        var cache = Size(variables, "USER_STORAGE") is { } storage ? $"{Math.Floor(storage.Value * share)}{storage.Unit}" : "0MiB";
        return variables.With("USER_CACHE", new TemplateValue.Text(cache));
    }

    private static Quantity? Size(TemplateValues variables, string name) => variables.ByName.GetValueOrDefault(name) switch
    {
        TemplateValue.Text text => Quantity.Parse(text.Value),
        TemplateValue.Int bytes => new Quantity((double)bytes.Value, QuantityUnit.B),
        _ => null,
    };

    private static TemplateValue Number(double value) =>
        double.IsInteger(value) ? new TemplateValue.Int(new BigInteger(value)) : new TemplateValue.Float(value);
}
