using System.Reflection.Emit;
using System.Runtime.CompilerServices;

namespace System.Runtime.CompilerServices
{
    /// <summary>Known to the runtime by its name: the assembly that carries it may use the internals of the named one.</summary>
    [AttributeUsage(AttributeTargets.Assembly, AllowMultiple = true)]
    internal sealed class IgnoresAccessChecksToAttribute(string assemblyName) : Attribute
    {
        public string AssemblyName { get; } = assemblyName;
    }
}

namespace Osmo.Embedded.Calls
{
    /// <summary>Lets emitted code implement internal grain interfaces and carry internal messages.</summary>
    internal static class AccessChecks
    {
        public static void Ignore(AssemblyBuilder assembly, IEnumerable<Type> types)
        {
            var constructor = typeof(IgnoresAccessChecksToAttribute).GetConstructor([typeof(string)])!;
            foreach (var name in types.SelectMany(WithArguments).Select(type => type.Assembly.GetName().Name!).Distinct())
            {
                assembly.SetCustomAttribute(new CustomAttributeBuilder(constructor, [name]));
            }
        }

        private static IEnumerable<Type> WithArguments(Type type) =>
            type.IsGenericType ? type.GetGenericArguments().SelectMany(WithArguments).Append(type)
            : type.HasElementType ? WithArguments(type.GetElementType()!)
            : [type];
    }
}
