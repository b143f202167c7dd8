using Xunit.Abstractions;
using Xunit.Sdk;

namespace Osmo.Testing;

/// <summary>On a class of <see cref="DatabaseFactAttribute"/>s: they run on a throw-away PostgreSQL, and are skipped with the reason where there is none.</summary>
[AttributeUsage(AttributeTargets.Class)]
public sealed class NeedsPostgresAttribute : Attribute;

/// <summary>A fact that may be inherited by a class that needs a database of the machine.</summary>
[XunitTestCaseDiscoverer("Osmo.Testing.DatabaseFactDiscoverer", "Osmo.Testing")]
[AttributeUsage(AttributeTargets.Method)]
public sealed class DatabaseFactAttribute : FactAttribute;

/// <summary>A theory that may be inherited by a class that needs a database of the machine.</summary>
[XunitTestCaseDiscoverer("Osmo.Testing.DatabaseTheoryDiscoverer", "Osmo.Testing")]
[AttributeUsage(AttributeTargets.Method)]
public sealed class DatabaseTheoryAttribute : TheoryAttribute;

public sealed class DatabaseFactDiscoverer(IMessageSink sink) : FactDiscoverer(sink)
{
    public override IEnumerable<IXunitTestCase> Discover(
        ITestFrameworkDiscoveryOptions discoveryOptions, ITestMethod testMethod, IAttributeInfo factAttribute) =>
        SkippedForWantOfPostgres.Applies(testMethod)
            ? [new SkippedForWantOfPostgres(DiagnosticMessageSink, discoveryOptions, testMethod)]
            : base.Discover(discoveryOptions, testMethod, factAttribute);
}

public sealed class DatabaseTheoryDiscoverer(IMessageSink sink) : TheoryDiscoverer(sink)
{
    public override IEnumerable<IXunitTestCase> Discover(
        ITestFrameworkDiscoveryOptions discoveryOptions, ITestMethod testMethod, IAttributeInfo theoryAttribute) =>
        SkippedForWantOfPostgres.Applies(testMethod)
            ? [new SkippedForWantOfPostgres(DiagnosticMessageSink, discoveryOptions, testMethod)]
            : base.Discover(discoveryOptions, testMethod, theoryAttribute);
}

/// <summary>A test case that is reported with its reason and not run.</summary>
public sealed class SkippedForWantOfPostgres : XunitTestCase
{
    [Obsolete("For deserialisation.")]
    public SkippedForWantOfPostgres()
    {
    }

    public SkippedForWantOfPostgres(IMessageSink sink, ITestFrameworkDiscoveryOptions options, ITestMethod method)
        : base(sink, options.MethodDisplayOrDefault(), options.MethodDisplayOptionsOrDefault(), method)
    {
    }

    public static bool Applies(ITestMethod method) =>
        PostgresServer.SkipReason is not null && method.TestClass.Class.GetCustomAttributes(typeof(NeedsPostgresAttribute)).Any();

    protected override string GetSkipReason(IAttributeInfo factAttribute) => PostgresServer.SkipReason!;
}
