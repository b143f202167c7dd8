using System.Reflection;
using System.Reflection.Emit;
using Osmo.Embedded.Activations;

namespace Osmo.Embedded.Calls;

/// <summary>Makes a reference to one grain.</summary>
internal delegate GrainReference ProxyFactory(EmbeddedEngine engine, GrainClass grainClass, Orleans.Runtime.GrainId grainId);

/// <summary>
/// Emits, for a grain interface, the class of its references and one class per method for the calls of it:
/// <code>
/// Task&lt;R&gt; M(A a, B b) { var call = new Call_M(); call.a = a; call.b = b; return SendTask(call); }     // in the reference
/// Task Invoke(object grain) => ((IInterface)grain).M(a, b);                                               // in Call_M : Call&lt;R&gt;
/// </code>
/// so that a call in the process is a few virtual calls and no reflection.
/// </summary>
internal static class ProxyEmitter
{
    /// <exception cref="ArgumentException">The interface has a member that cannot be called from afar; the message says which.</exception>
    public static ProxyFactory Emit(Type type)
    {
        if (!type.IsInterface || type.ContainsGenericParameters) throw new ArgumentException($"{type} is not a grain interface.");

        var methods = type.GetInterfaces().Append(type)
            .SelectMany(declaring => declaring.GetMethods(BindingFlags.Instance | BindingFlags.Public))
            .ToList();
        var assembly = AssemblyBuilder.DefineDynamicAssembly(new AssemblyName($"Osmo.Embedded.Proxies.{type.FullName}"), AssemblyBuilderAccess.Run);
        AccessChecks.Ignore(assembly, methods.SelectMany(TypesOf).Append(type).Append(typeof(GrainReference)));
        var module = assembly.DefineDynamicModule("Proxies");

        var proxy = module.DefineType($"{type.Name}_Reference", TypeAttributes.Public | TypeAttributes.Sealed, typeof(GrainReference), [type]);
        var create = DefineFactory(proxy);
        foreach (var (method, index) in methods.Select((method, index) => (method, index)))
        {
            var call = CallEmitter.Emit(module, method, $"{type.Name}_{method.Name}_{index}");
            DefineMethod(proxy, method, call);
        }

        return proxy.CreateType().GetMethod(create)!.CreateDelegate<ProxyFactory>();
    }

    private static IEnumerable<Type> TypesOf(MethodInfo method) =>
        method.GetParameters().Select(parameter => parameter.ParameterType).Append(method.ReturnType).Append(method.DeclaringType!);

    private static string DefineFactory(TypeBuilder proxy)
    {
        Type[] parameters = [typeof(EmbeddedEngine), typeof(GrainClass), typeof(Orleans.Runtime.GrainId)];
        var baseConstructor = typeof(GrainReference).GetConstructor(BindingFlags.Instance | BindingFlags.Public | BindingFlags.NonPublic, parameters)!;

        var constructor = proxy.DefineConstructor(MethodAttributes.Public, CallingConventions.HasThis, parameters);
        var il = constructor.GetILGenerator();
        for (short i = 0; i <= parameters.Length; i++) il.Emit(OpCodes.Ldarg, i);
        il.Emit(OpCodes.Call, baseConstructor);
        il.Emit(OpCodes.Ret);

        const string Name = "Create";
        il = proxy.DefineMethod(Name, MethodAttributes.Public | MethodAttributes.Static, typeof(GrainReference), parameters).GetILGenerator();
        for (short i = 0; i < parameters.Length; i++) il.Emit(OpCodes.Ldarg, i);
        il.Emit(OpCodes.Newobj, constructor);
        il.Emit(OpCodes.Ret);
        return Name;
    }

    private static void DefineMethod(TypeBuilder proxy, MethodInfo method, EmittedCall call)
    {
        var parameters = method.GetParameters();
        var implementation = proxy.DefineMethod(
            $"{method.DeclaringType!.FullName}.{method.Name}",
            MethodAttributes.Private | MethodAttributes.Virtual | MethodAttributes.Final | MethodAttributes.HideBySig | MethodAttributes.NewSlot,
            method.ReturnType,
            [.. parameters.Select(parameter => parameter.ParameterType)]);
        var il = implementation.GetILGenerator();
        var local = il.DeclareLocal(call.Type);
        il.Emit(OpCodes.Newobj, call.Constructor);
        il.Emit(OpCodes.Stloc, local);
        for (var i = 0; i < parameters.Length; i++)
        {
            il.Emit(OpCodes.Ldloc, local);
            il.Emit(OpCodes.Ldarg, (short)(i + 1));
            il.Emit(OpCodes.Stfld, call.Arguments[i]);
        }

        il.Emit(OpCodes.Ldarg_0);
        il.Emit(OpCodes.Ldloc, local);
        il.Emit(OpCodes.Call, Sender(method.ReturnType));
        il.Emit(OpCodes.Ret);
        proxy.DefineMethodOverride(implementation, method);
    }

    /// <summary>The method of <see cref="GrainReference"/> that sends a call and returns what the grain method returns.</summary>
    private static MethodInfo Sender(Type returnType)
    {
        var shape = CallShape.Of(returnType);
        var methods = typeof(GrainReference).GetMethods(BindingFlags.Instance | BindingFlags.NonPublic);
        var name = shape.Kind switch
        {
            CallKind.Task => nameof(GrainReference.SendTask),
            CallKind.ValueTask => nameof(GrainReference.SendValueTask),
            _ => nameof(GrainReference.Enumerate),
        };
        var sender = methods.Single(method => method.Name == name && method.IsGenericMethodDefinition == shape.Result is not null);
        return shape.Result is null ? sender : sender.MakeGenericMethod(shape.Result);
    }
}
