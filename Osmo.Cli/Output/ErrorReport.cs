using System.Text.Json.Nodes;

namespace Osmo.Cli.Output;

/// <summary>
/// How a failed command says so: on stdout, where scripts look for it, in the form they asked for; and on stderr in one line, for the
/// person who has sent stdout elsewhere (contract: cli §7, §32.4).
/// </summary>
internal sealed class ErrorReport(Surroundings surroundings, bool asJson)
{
    /// <param name="code">HTTP status, or 1 when there is none.</param>
    /// <returns><paramref name="exitCode"/>.</returns>
    public int Write(string message, int code, int exitCode)
    {
        surroundings.Output.Write(asJson
            ? $"{JsonText.Of(new JsonObject { ["message"] = message, ["code"] = code }, indent: 2)}\n"
            : $"Error message: {message}\nError code: {code}\n");
        if (surroundings.OutputIsRedirected)
        {
            surroundings.Error.Write($"osmo: error: {message.Trim().ReplaceLineEndings(" ")}\n");
        }

        return exitCode;
    }
}
