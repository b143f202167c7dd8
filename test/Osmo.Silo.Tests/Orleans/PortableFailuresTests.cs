using System.Data;
using System.Reflection;
using System.Runtime.Serialization;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging.Abstractions;
using Orleans.Runtime;
using Orleans.Serialization;
using Osmo.Silo.Engine;
using Osmo.Storage;
using Osmo.Storage.State;

namespace Osmo.Silo.Tests.Orleans;

public sealed class PortableFailuresTests
{
    private const string DatabaseText = "Writing workflow failed: 22021: INSERT INTO workflow";

    private static readonly StateStoreException Permanent = new(DatabaseText, isTransient: false);

    private static readonly StateStoreException Passing = new(DatabaseText, isTransient: true);

    public static TheoryData<Exception, Type, string> Failures => new()
    {
        { Permanent, typeof(DataException), "storage failed" },
        { Passing, typeof(OrleansException), "The storage is not available now; try again." },
        { new InvalidOperationException(DatabaseText, Permanent), typeof(DataException), "storage failed" },
        { new InvalidOperationException(DatabaseText, Passing), typeof(OrleansException), "The storage is not available now; try again." },
        { new OrleansException(DatabaseText, Permanent), typeof(DataException), "storage failed" },
        { new OrleansException(DatabaseText, Passing), typeof(OrleansException), "The storage is not available now; try again." },
        { new StorageConfigurationException("No such folder."), typeof(InvalidOperationException), "No such folder." },
        { new TimeoutException("Late."), typeof(TimeoutException), "Late." },
        { new SerializationException("No such shape."), typeof(SerializationException), "No such shape." },
    };

    [Theory]
    [MemberData(nameof(Failures))]
    public async Task Invoke_Failure_LeavesTheSiloWithoutTextsOfTheDatabase(Exception failure, Type expected, string message)
    {
        var context = DispatchProxy.Create<IIncomingGrainCallContext, FailingCall>();
        ((FailingCall)(object)context).Failure = failure;

        var error = await Assert.ThrowsAsync(expected, () => new PortableFailures(NullLogger<PortableFailures>.Instance).Invoke(context));

        Assert.Equal(message, error.Message);
        Assert.Null(error.InnerException);
        var received = Received(error);
        Assert.Equal((expected, message), (received.GetType(), received.Message));
        Assert.Equal(StorageFailures.Find(failure) is not null && error is not OrleansException, StorageFailures.Find(received) is not null);
    }

    /// <summary>As another process gets it.</summary>
    private static Exception Received(Exception sent)
    {
        using var services = new ServiceCollection().AddSerializer().BuildServiceProvider();
        var serializer = services.GetRequiredService<Serializer>();
        return serializer.Deserialize<Exception>(serializer.SerializeToArray(sent));
    }

    /// <summary>A call of a grain that fails.</summary>
    public class FailingCall : DispatchProxy
    {
        public Exception? Failure { get; set; }

        protected override object? Invoke(MethodInfo? targetMethod, object?[]? args) => targetMethod switch
        {
            { Name: nameof(IIncomingGrainCallContext.Invoke) } => Task.FromException(Failure!),
            { ReturnType: var type } when type == typeof(string) => targetMethod.Name,
            _ => throw new NotSupportedException($"The filter does not use {targetMethod?.Name}."),
        };
    }
}
