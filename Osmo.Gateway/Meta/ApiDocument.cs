using System.Text.Json.Nodes;
using Microsoft.AspNetCore.OpenApi;
using Microsoft.Extensions.Options;
using Microsoft.OpenApi;
using Osmo.Gateway.Conventions;

namespace Osmo.Gateway.Meta;

/// <summary>The API document, made from the same declarations that read the requests.</summary>
internal static class ApiDocument
{
    /// <summary>What a route without document name serves.</summary>
    public const string Name = "v1";

    public static void Configure(OpenApiOptions options)
    {
        options.AddDocumentTransformer((document, context, _) =>
        {
            var settings = context.ApplicationServices.GetRequiredService<IOptions<GatewayOptions>>().Value;
            document.Info = new OpenApiInfo { Title = "Osmo", Version = settings.ServiceVersion };
            document.Servers = [];
            document.Tags = null;
            return Task.CompletedTask;
        });
        options.AddOperationTransformer(Describe);
    }

    private static async Task Describe(
        OpenApiOperation operation, OpenApiOperationTransformerContext context, CancellationToken cancellation)
    {
        if (context.Description.ActionDescriptor.EndpointMetadata.OfType<RouteDescription>().FirstOrDefault() is not { } route)
        {
            return;
        }

        operation.Summary = route.Summary;
        operation.Tags = null;
        operation.Parameters = [.. PathParameters(context.Description.RelativePath ?? ""), .. route.Parameters.Select(Parameter)];
        if (route.Body)
        {
            operation.RequestBody = new OpenApiRequestBody { Content = Json(new OpenApiSchema { Type = JsonSchemaType.Object }) };
        }

        operation.Responses = new OpenApiResponses
        {
            ["200"] = new OpenApiResponse { Description = "Done", Content = await Answer(route, context, cancellation) },
            ["400"] = new OpenApiResponse { Description = "Refused: {message, error_code, workflow_id}" },
            ["422"] = new OpenApiResponse { Description = "A parameter or the body is malformed: {detail: [{type, loc, msg, input}]}" },
        };
    }

    private static async Task<Dictionary<string, OpenApiMediaType>> Answer(
        RouteDescription route, OpenApiOperationTransformerContext context, CancellationToken cancellation) => route.Answer is { } type
            ? Json(await context.GetOrCreateSchemaAsync(type, cancellationToken: cancellation))
            : new() { ["text/plain"] = new OpenApiMediaType { Schema = new OpenApiSchema { Type = JsonSchemaType.String } } };

    private static Dictionary<string, OpenApiMediaType> Json(IOpenApiSchema schema) =>
        new() { [Answers.Json] = new OpenApiMediaType { Schema = schema } };

    private static IEnumerable<IOpenApiParameter> PathParameters(string path) =>
        from part in path.Split('/')
        where part.StartsWith('{')
        select new OpenApiParameter
        {
            Name = part.Trim('{', '}'),
            In = ParameterLocation.Path,
            Required = true,
            Schema = new OpenApiSchema { Type = JsonSchemaType.String },
        };

    private static OpenApiParameter Parameter(QueryParameter parameter) => new()
    {
        Name = parameter.Name,
        In = ParameterLocation.Query,
        Required = parameter.Schema.IsRequired,
        Schema = parameter.Schema.IsList
            ? new OpenApiSchema { Type = JsonSchemaType.Array, Items = Schema(parameter.Schema) }
            : Schema(parameter.Schema),
    };

    private static OpenApiSchema Schema(QueryParameterSchema schema) => new()
    {
        Type = schema.Type switch
        {
            "boolean" => JsonSchemaType.Boolean,
            "integer" => JsonSchemaType.Integer,
            _ => JsonSchemaType.String,
        },
        Format = schema.Format,
        Enum = schema.Allowed is { } allowed ? [.. allowed.Select(name => (JsonNode)name)] : null,
        Default = schema.Default?.DeepClone(),
    };
}
