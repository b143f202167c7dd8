using Osmo.BackendOperator.Hosting;

var command = new OperatorCommand(Environment.GetEnvironmentVariable)
    .Create((settings, cancellation) => OperatorHost.RunAsync(settings, Environment.GetEnvironmentVariable, cancellation));
return await command.Parse(args).InvokeAsync();
