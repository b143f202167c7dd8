using System.Collections.Immutable;
using System.Globalization;
using System.Numerics;
using System.Text.Json;
using Osmo.Workflows.Quantities;
using Osmo.Workflows.Specification;
using Osmo.Workflows.Templates;
using Variables = System.Collections.Immutable.ImmutableDictionary<string, Osmo.Workflows.Templates.TemplateValue>.Builder;

namespace Osmo.Workflows.Objects;

/// <summary>
/// The <c>USER_*</c> variables of pod templates and resource rules: the task's request over the defaults of pool and platform (contract:
/// config §8). All derived variables are computed after the defaults are applied.
/// </summary>
public static class ResourceVariables
{
    private const double DefaultCacheShare = 0.9;

    private static readonly ImmutableArray<QuantityUnit> Units = [.. Enum.GetValues<QuantityUnit>()];

    /// <exception cref="FormatException">
    /// <paramref name="cacheSize"/> or a size is malformed; submit has checked what the author wrote.
    /// </exception>
    public static TemplateValues Of(ResourceSpec resource, string? cacheSize, ImmutableSortedDictionary<string, JsonElement> defaults)
    {
        var variables = TemplateValues.Empty.ByName.ToBuilder();
        foreach (var (name, value) in defaults)
        {
            variables[name] = TemplateJson.Value(value);
        }

        // Zero behaves like unset (contract: workflow-spec §6.9).
        if (resource.Cpu is { } cpu and not 0)
        {
            variables["USER_CPU"] = new TemplateValue.Float(cpu);
        }

        if (resource.Gpu is { } gpu and not 0)
        {
            variables["USER_GPU"] = new TemplateValue.Int(gpu);
        }

        AddSize(variables, "USER_MEMORY", resource.Memory);
        AddSize(variables, "USER_STORAGE", resource.Storage);
        AddCache(variables, cacheSize);
        variables["USER_EXCLUDED_NODES"] = new TemplateValue.Text($"ARRAY:[{string.Join(',', resource.NodesExcluded)}]");
        return new TemplateValues(variables.ToImmutable());
    }

    /// <summary>GPUs after the defaults are applied.</summary>
    public static BigInteger Gpus(TemplateValues variables) => Count(variables.ByName.GetValueOrDefault("USER_GPU"));

    /// <inheritdoc cref="Gpus(TemplateValues)"/>
    public static BigInteger Gpus(ResourceSpec resource, ImmutableSortedDictionary<string, JsonElement> defaults) =>
        resource.Gpu is { } gpu and not 0 ? gpu
        : defaults.TryGetValue("USER_GPU", out var value) ? Count(TemplateJson.Value(value))
        : BigInteger.Zero;

    private static BigInteger Count(TemplateValue? value) => value switch
    {
        TemplateValue.Int count => count.Value,
        TemplateValue.Float count => new BigInteger(count.Value),
        TemplateValue.Text text when BigInteger.TryParse(text.Value, NumberStyles.None, CultureInfo.InvariantCulture, out var count) =>
            count,
        _ => BigInteger.Zero,
    };

    private static void AddSize(Variables variables, string name, string? requested)
    {
        // Kubernetes knows no unit that ends in B; 4GiB is its 4Gi, and plain bytes have no unit.
        if (requested is not null)
        {
            variables[name] = new TemplateValue.Text(requested.TrimEnd('B'));
        }

        var size = Size(variables, name);
        variables[$"{name}_VAL"] = Number(size?.Value);
        variables[$"{name}_UNIT"] = size is { } known ? new TemplateValue.Text(known.Unit.ToString()) : TemplateValue.None.Instance;
        foreach (var unit in Units)
        {
            variables[$"{name}_{unit}"] = Number(size?.In(unit));
        }
    }

    private static void AddCache(Variables variables, string? cacheSize)
    {
        if (cacheSize is null && variables.ContainsKey("USER_CACHE"))
        {
            return;
        }

        if (cacheSize is not null && !cacheSize.EndsWith('%'))
        {
            variables["USER_CACHE"] = new TemplateValue.Text(cacheSize);
            return;
        }

        var share = cacheSize is null
            ? DefaultCacheShare
            : double.Parse(cacheSize.AsSpan(0, cacheSize.Length - 1), NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture) / 100;
        variables["USER_CACHE"] = new TemplateValue.Text(
            Size(variables, "USER_STORAGE") is { } storage ? $"{Math.Floor(storage.Value * share):0}{storage.Unit}" : "0MiB");
    }

    private static Quantity? Size(Variables variables, string name) => variables.GetValueOrDefault(name) switch
    {
        TemplateValue.Text text => Quantity.Parse(text.Value),
        TemplateValue.Int bytes => new Quantity((double)bytes.Value, QuantityUnit.B),
        _ => null,
    };

    private static TemplateValue Number(double? value) => value switch
    {
        null => TemplateValue.None.Instance,
        { } number when double.IsInteger(number) => new TemplateValue.Int(new BigInteger(number)),
        { } number => new TemplateValue.Float(number),
    };
}
