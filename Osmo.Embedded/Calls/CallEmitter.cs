using System.Reflection;
using System.Reflection.Emit;
using Osmo.Embedded.Enumerations;

namespace Osmo.Embedded.Calls;

/// <summary>The emitted class of the calls of one method.</summary>
internal sealed record EmittedCall(Type Type, ConstructorInfo Constructor, FieldInfo[] Arguments);

/// <summary>Emits the class of the calls of one interface method, see <see cref="ProxyEmitter"/>.</summary>
internal static class CallEmitter
{
    private const BindingFlags Declared = BindingFlags.Instance | BindingFlags.Public | BindingFlags.NonPublic;

    private const MethodAttributes Override = MethodAttributes.Virtual | MethodAttributes.HideBySig;

    /// <exception cref="ArgumentException">The method cannot be called from afar.</exception>
    public static EmittedCall Emit(ModuleBuilder module, MethodInfo method, string name)
    {
        var shape = Check(method);
        var baseType = shape switch
        {
            { Kind: CallKind.Enumerable, Result: { } element } => typeof(EnumerableCall<>).MakeGenericType(element),
            { Result: { } result } => typeof(Call<>).MakeGenericType(result),
            _ => typeof(Call),
        };
        var type = module.DefineType(name, TypeAttributes.Public | TypeAttributes.Sealed, baseType);
        var constructor = type.DefineDefaultConstructor(MethodAttributes.Public);
        var arguments = method.GetParameters()
            .Select((parameter, index) => type.DefineField($"Argument{index}", parameter.ParameterType, FieldAttributes.Public))
            .ToArray();

        var description = type.DefineField("Description", typeof(GrainMethod), FieldAttributes.Public | FieldAttributes.Static);
        DefineMethodGetter(type, baseType, description);
        DefineInvoke(type, baseType, method, shape, arguments);
        DefineGetArgument(type, baseType, arguments);
        if (arguments.SingleOrDefault(argument => argument.FieldType == typeof(CancellationToken)) is { } token) DefineToken(type, baseType, token);

        var created = type.CreateType();
        created.GetField(description.Name)!.SetValue(null, new GrainMethod(method));
        return new EmittedCall(
            created, created.GetConstructor(Type.EmptyTypes)!, [.. arguments.Select(argument => created.GetField(argument.Name)!)]);
    }

    private static CallShape Check(MethodInfo method)
    {
        var where = $"{method.DeclaringType}.{method.Name}";
        if (method.IsGenericMethodDefinition) throw new ArgumentException($"{where} is generic; grain methods are not.");
        if (method.GetParameters().Any(parameter => parameter.ParameterType.IsByRef)) throw new ArgumentException($"{where} has a ref parameter.");
        if (method.GetParameters().Count(parameter => parameter.ParameterType == typeof(CancellationToken)) > 1)
        {
            throw new ArgumentException($"{where} has more than one CancellationToken.");
        }

        try
        {
            var shape = CallShape.Of(method.ReturnType);
            var oneWay = method.IsDefined(typeof(Orleans.Concurrency.OneWayAttribute));
            return oneWay && shape.Result is not null ? throw new ArgumentException("[OneWay] methods return Task or ValueTask") : shape;
        }
        catch (ArgumentException exception)
        {
            throw new ArgumentException($"{where}: {exception.Message}.", exception);
        }
    }

    /// <summary><c>GrainMethod Method => Description;</c></summary>
    private static void DefineMethodGetter(TypeBuilder type, Type baseType, FieldBuilder description)
    {
        var overridden = baseType.GetProperty(nameof(GrainCall.Method), Declared)!.GetMethod!;
        var il = type.DefineMethod(overridden.Name, MethodAttributes.Public | Override, overridden.ReturnType, []).GetILGenerator();
        il.Emit(OpCodes.Ldsfld, description);
        il.Emit(OpCodes.Ret);
    }

    /// <summary><c>Task Invoke(object grain) => ((IInterface)grain).M(a, b);</c>, with <c>AsTask()</c> for value tasks.</summary>
    private static void DefineInvoke(TypeBuilder type, Type baseType, MethodInfo method, CallShape shape, FieldBuilder[] arguments)
    {
        var overridden = baseType.GetMethod(nameof(GrainCall.Invoke), Declared)!;
        var il = type.DefineMethod(overridden.Name, MethodAttributes.Public | Override, overridden.ReturnType, [typeof(object)]).GetILGenerator();
        il.Emit(OpCodes.Ldarg_1);
        il.Emit(OpCodes.Castclass, method.DeclaringType!);
        foreach (var argument in arguments)
        {
            il.Emit(OpCodes.Ldarg_0);
            il.Emit(OpCodes.Ldfld, argument);
        }

        il.Emit(OpCodes.Callvirt, method);
        if (shape.Kind == CallKind.ValueTask)
        {
            var local = il.DeclareLocal(method.ReturnType);
            il.Emit(OpCodes.Stloc, local);
            il.Emit(OpCodes.Ldloca, local);
            il.Emit(OpCodes.Call, method.ReturnType.GetMethod(nameof(ValueTask.AsTask))!);
        }

        il.Emit(OpCodes.Ret);
    }

    /// <summary><c>object GetArgument(int index) => index == 0 ? a : index == 1 ? b : throw …;</c></summary>
    private static void DefineGetArgument(TypeBuilder type, Type baseType, FieldBuilder[] arguments)
    {
        var overridden = baseType.GetMethod(nameof(GrainCall.GetArgument), Declared)!;
        var il = type.DefineMethod(overridden.Name, MethodAttributes.Public | Override, typeof(object), [typeof(int)]).GetILGenerator();
        for (var i = 0; i < arguments.Length; i++)
        {
            var next = il.DefineLabel();
            il.Emit(OpCodes.Ldarg_1);
            il.Emit(OpCodes.Ldc_I4, i);
            il.Emit(OpCodes.Bne_Un, next);
            il.Emit(OpCodes.Ldarg_0);
            il.Emit(OpCodes.Ldfld, arguments[i]);
            il.Emit(OpCodes.Box, arguments[i].FieldType);
            il.Emit(OpCodes.Ret);
            il.MarkLabel(next);
        }

        il.Emit(OpCodes.Ldstr, "index");
        il.Emit(OpCodes.Newobj, typeof(ArgumentOutOfRangeException).GetConstructor([typeof(string)])!);
        il.Emit(OpCodes.Throw);
    }

    /// <summary><c>CancellationToken Token { get => token; set => token = value; }</c></summary>
    private static void DefineToken(TypeBuilder type, Type baseType, FieldBuilder token)
    {
        var property = baseType.GetProperty("Token", Declared)!;
        var access = property.GetMethod!.Attributes & MethodAttributes.MemberAccessMask;
        var il = type.DefineMethod(property.GetMethod.Name, access | Override | MethodAttributes.SpecialName, typeof(CancellationToken), []).GetILGenerator();
        il.Emit(OpCodes.Ldarg_0);
        il.Emit(OpCodes.Ldfld, token);
        il.Emit(OpCodes.Ret);

        il = type.DefineMethod(property.SetMethod!.Name, access | Override | MethodAttributes.SpecialName, null, [typeof(CancellationToken)]).GetILGenerator();
        il.Emit(OpCodes.Ldarg_0);
        il.Emit(OpCodes.Ldarg_1);
        il.Emit(OpCodes.Stfld, token);
        il.Emit(OpCodes.Ret);
    }
}
