using System.Text.RegularExpressions;

namespace Osmo.Gateway.Conventions;

/// <summary>Repeated slashes count as one; a trailing slash is redirected away (contract: api-rest §2.6).</summary>
internal static partial class PathRules
{
    public static Task Apply(HttpContext context, RequestDelegate next)
    {
        var path = context.Request.Path.Value ?? "";
        if (path.Contains("//", StringComparison.Ordinal))
        {
            path = RepeatedSlashes().Replace(path, "/");
            context.Request.Path = path;
        }

        if (path.Length > 1 && path.EndsWith('/') && IsOurs(path))
        {
            context.Response.StatusCode = StatusCodes.Status307TemporaryRedirect;
            var target = context.Request.PathBase.Add(new PathString(path.TrimEnd('/'))).ToUriComponent();
            context.Response.Headers.Location = target + context.Request.QueryString;
            return Task.CompletedTask;
        }

        return next(context);
    }

    private static bool IsOurs(string path) =>
        path.StartsWith("/api/", StringComparison.Ordinal) || path.StartsWith("/client/", StringComparison.Ordinal);

    [GeneratedRegex("/{2,}", RegexOptions.CultureInvariant)]
    private static partial Regex RepeatedSlashes();
}
