namespace Osmo.Embedded.Calls;

internal enum CallKind
{
    Task = 1,
    ValueTask,
    Enumerable,
}

/// <summary>What a grain method returns: how, and a value of what type (null for none).</summary>
internal readonly record struct CallShape(CallKind Kind, Type? Result)
{
    /// <exception cref="ArgumentException">Grain methods cannot return this.</exception>
    public static CallShape Of(Type returnType)
    {
        if (returnType == typeof(Task)) return new CallShape(CallKind.Task, null);
        if (returnType == typeof(ValueTask)) return new CallShape(CallKind.ValueTask, null);

        var definition = returnType.IsGenericType ? returnType.GetGenericTypeDefinition() : null;
        var kind = definition == typeof(Task<>) ? CallKind.Task
            : definition == typeof(ValueTask<>) ? CallKind.ValueTask
            : definition == typeof(IAsyncEnumerable<>) ? CallKind.Enumerable
            : default;
        return kind != default
            ? new CallShape(kind, returnType.GetGenericArguments()[0])
            : throw new ArgumentException($"grain methods return Task, ValueTask or IAsyncEnumerable, not {returnType}");
    }
}
