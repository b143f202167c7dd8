using System.CommandLine;
using Osmo.BackendOperator.Hosting;

var command = new OperatorCommand(Environment.GetEnvironmentVariable)
    .Create((settings, cancellation) => OperatorHost.RunAsync(settings, Environment.GetEnvironmentVariable, cancellation));
// To say goodbye to control plane and cluster; the library's own two seconds are too few on a busy machine.
var invocation = new InvocationConfiguration { ProcessTerminationTimeout = TimeSpan.FromMinutes(1) };
return await command.Parse(args).InvokeAsync(invocation);
