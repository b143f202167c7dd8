using System.Globalization;
using Osmo.Workflows.Yaml;

namespace Osmo.Workflows.Specification;

/// <summary>Finds where in the text a part of the model stands, so that checks after the schema can still point at it.</summary>
internal sealed class SpecLocator(YamlValue.Map document)
{
    /// <summary>A problem at the deepest part of the path that the text holds.</summary>
    public SpecProblem Problem(string message, string found, string allowed, params ReadOnlySpan<string> path)
    {
        YamlValue value = document;
        foreach (var segment in path)
        {
            var next = value switch
            {
                YamlValue.Map map => map.Find(segment),
                YamlValue.List list when int.TryParse(segment, CultureInfo.InvariantCulture, out var index)
                    && index < list.Items.Length => list.Items[index],
                _ => null,
            };
            if (next is null)
            {
                break;
            }

            value = next;
        }

        return new SpecProblem(string.Join('.', path!), value.Position, message, found, allowed);
    }
}
