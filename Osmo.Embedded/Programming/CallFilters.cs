using System.Reflection;
using Orleans.Runtime;
using Orleans.Serialization.Invocation;

namespace Orleans.Serialization.Invocation
{
    /// <summary>A call as data.</summary>
    public interface IInvokable
    {
        int GetArgumentCount();

        object? GetArgument(int index);

        string GetMethodName();

        string GetInterfaceName();

        Type GetInterfaceType();

        MethodInfo GetMethod();
    }
}

namespace Orleans
{
    /// <summary>A call on its way through the filters.</summary>
    public interface IGrainCallContext
    {
        IInvokable Request { get; }

        object Grain { get; }

        /// <summary>The calling grain; null when the caller is none.</summary>
        GrainId? SourceId { get; }

        GrainId TargetId { get; }

        string InterfaceName { get; }

        string MethodName { get; }

        MethodInfo InterfaceMethod { get; }

        /// <summary>The result once <see cref="Invoke"/> completed; a filter may replace it.</summary>
        object? Result { get; set; }

        /// <summary>Goes on with the next filter, at last with the grain. A filter that does not call it answers by itself.</summary>
        Task Invoke();
    }

    /// <inheritdoc/>
    public interface IIncomingGrainCallContext : IGrainCallContext
    {
        IGrainContext TargetContext { get; }

        MethodInfo ImplementationMethod { get; }
    }

    /// <summary>
    /// Runs around calls, within the turn of the callee. Those registered as services see the calls of all grains, in order of registration;
    /// a grain that implements it sees its own calls, after those. Timer ticks and enumerations are not filtered.
    /// </summary>
    public interface IIncomingGrainCallFilter
    {
        Task Invoke(IIncomingGrainCallContext context);
    }
}
