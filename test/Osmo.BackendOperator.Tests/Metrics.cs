using System.Diagnostics.Metrics;
using Microsoft.Extensions.DependencyInjection;

namespace Osmo.BackendOperator.Tests;

/// <summary>Metrics for who needs some.</summary>
internal static class Metrics
{
    public static OperatorMetrics New() => new(
        new ServiceCollection().AddMetrics().BuildServiceProvider().GetRequiredService<IMeterFactory>(), TimeProvider.System);
}
