namespace Osmo.Gateway.Conventions;

/// <summary>One area of the API; it adds its routes to the table.</summary>
internal interface IRouteArea
{
    void Map(RouteTable routes);
}

/// <summary>How a route is described in the API document.</summary>
/// <param name="Answer">Type of the 200 answer; null for text.</param>
/// <param name="Body">True when the request may have a JSON object as body.</param>
internal sealed record RouteDescription(string Summary, Type? Answer, IReadOnlyList<QueryParameter> Parameters, bool Body);

/// <summary>Where areas put their routes: a handler, and what the API document says of it.</summary>
internal sealed class RouteTable(IEndpointRouteBuilder endpoints)
{
    public IEndpointRouteBuilder Endpoints { get; } = endpoints;

    public void Get<TAnswer>(
        string pattern, string summary, Func<HttpContext, Task<IResult>> handler, params IReadOnlyList<QueryParameter> parameters) =>
        Add(HttpMethods.Get, pattern, handler, new(summary, typeof(TAnswer), parameters, Body: false));

    public void GetText(
        string pattern, string summary, Func<HttpContext, Task<IResult>> handler, params IReadOnlyList<QueryParameter> parameters) =>
        Add(HttpMethods.Get, pattern, handler, new(summary, null, parameters, Body: false));

    public void Post<TAnswer>(
        string pattern, string summary, Func<HttpContext, Task<IResult>> handler, params IReadOnlyList<QueryParameter> parameters) =>
        Add(HttpMethods.Post, pattern, handler, new(summary, typeof(TAnswer), parameters, Body: false));

    public void PostBody<TAnswer>(
        string pattern, string summary, Func<HttpContext, Task<IResult>> handler, params IReadOnlyList<QueryParameter> parameters) =>
        Add(HttpMethods.Post, pattern, handler, new(summary, typeof(TAnswer), parameters, Body: true));

    /// <summary>With a body that may be left out.</summary>
    public void Delete(string pattern, string summary, Func<HttpContext, Task<IResult>> handler) =>
        Add(HttpMethods.Delete, pattern, handler, new(summary, typeof(object), [], Body: true));

    /// <summary>A WebSocket; it is no part of the API document.</summary>
    public void Socket(string pattern, Func<HttpContext, Task> handler) =>
        Endpoints.MapMethods(
            pattern, [HttpMethods.Get, HttpMethods.Connect], context => OnlyUpgrades(context, handler)).ExcludeFromDescription();

    private void Add(string method, string pattern, Func<HttpContext, Task<IResult>> handler, RouteDescription description) =>
        Endpoints
            .MapMethods(pattern, [method], async context => await (await handler(context)).ExecuteAsync(context))

            // The API document has only routes whose method is known.
            .WithMetadata(handler.Method, description);

    private static Task OnlyUpgrades(HttpContext context, Func<HttpContext, Task> handler) => context.WebSockets.IsWebSocketRequest
        ? handler(context)
        : Answers.Detail(StatusCodes.Status426UpgradeRequired, "This route is a WebSocket.").ExecuteAsync(context);
}
