using System.Reflection;
using System.Text;
using Osmo.Grains.Interfaces;

namespace Osmo.Grains.Tests.Documents;

/// <summary>
/// What silos and gateways say to each other. Processes are upgraded one at a time, so those of one release and the next must understand each other: methods and members may be added (at the
/// end of a record's parameters or under new ids), but what is here is neither changed nor removed before no release speaks it any more.
/// </summary>
public sealed class WireContractTests
{
    private const string Known = "Documents/wire-contract.txt";

    [Fact]
    public async Task Messages_AreAsTheirContractSays()
    {
        var actual = Describe(typeof(IWorkflowGrain).Assembly);
        var place = Path.Combine(AppContext.BaseDirectory, "wire-contract.actual.txt");
        await File.WriteAllTextAsync(place, actual);
        var known = (await File.ReadAllTextAsync(Path.Combine(AppContext.BaseDirectory, Known))).ReplaceLineEndings("\n");
        Assert.True(
            known == actual,
            $"The messages between processes are not as in {Known}. Where an older process understands them still, replace it by {place}. First difference: {FirstDifference(known, actual)}");
    }

    private static string FirstDifference(string known, string actual) =>
        known.Split('\n').Zip(actual.Split('\n')).Where(line => line.First != line.Second).Select(line => $"'{line.First}' is now '{line.Second}'.").FirstOrDefault("one is longer.");

    private static string Describe(Assembly assembly)
    {
        var types = assembly.GetExportedTypes().Where(type => type.Namespace == typeof(IWorkflowGrain).Namespace).ToList();
        var text = new StringBuilder();
        foreach (var grain in types.Where(type => type.IsInterface && type.IsAssignableTo(typeof(IGrain))).OrderBy(Name, StringComparer.Ordinal))
        {
            text.Append(Name(grain)).Append('\n');
            foreach (var method in grain.GetMethods().OrderBy(Name, StringComparer.Ordinal))
            {
                text.Append($"  {Name(method)}({string.Join(", ", method.GetParameters().Select(parameter => Name(parameter.ParameterType)))}): {Name(method.ReturnType)}\n");
            }
        }

        foreach (var message in types.Where(type => type.IsEnum || type.GetCustomAttribute<GenerateSerializerAttribute>(inherit: false) is not null).OrderBy(Name, StringComparer.Ordinal))
        {
            text.Append(Name(message)).Append(message.BaseType is { } parent && types.Contains(parent) ? $" : {Name(parent)}" : "").Append('\n');
            foreach (var member in message.IsEnum ? Values(message) : Members(message))
            {
                text.Append("  ").Append(member).Append('\n');
            }
        }

        return text.ToString();
    }

    private static IEnumerable<string> Values(Type type) => Enum.GetNames(type).Select(name => $"{Convert.ToInt64(Enum.Parse(type, name))} {name}");

    /// <summary>Parameters of a record are numbered by their place, apart from the members that say their number.</summary>
    private static IEnumerable<string> Members(Type type)
    {
        var members = type.GetProperties(BindingFlags.Public | BindingFlags.Instance | BindingFlags.DeclaredOnly)
            .Where(property => property.GetCustomAttribute<IdAttribute>() is not null)
            .OrderBy(property => property.GetCustomAttribute<IdAttribute>()!.Id)
            .Select(property => $"{property.GetCustomAttribute<IdAttribute>()!.Id} {Name(property.PropertyType)} {property.Name}");
        var constructor = type.GetConstructors(BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.Instance).MaxBy(one => one.GetParameters().Length);
        return
        [
            .. constructor is null ? [] : constructor.GetParameters().Where(parameter => parameter.ParameterType != type)
                .Select((parameter, place) => $"({place}) {Name(parameter.ParameterType)} {parameter.Name}"),
            .. members,
        ];
    }

    /// <summary>The name on the wire where there is one.</summary>
    private static string Name(MemberInfo member) => member switch
    {
        _ when member.GetCustomAttribute<AliasAttribute>(inherit: false) is { Alias: var alias } => alias,
        Type { IsGenericType: true } type => $"{type.Name.Split('`')[0]}<{string.Join(", ", type.GenericTypeArguments.Select(Name))}>",
        _ => member.Name,
    };
}
