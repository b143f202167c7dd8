using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization;
using Microsoft.Extensions.Hosting;
using Osmo.Grains.Interfaces;
using Osmo.Hosting.Settings;
using Osmo.Workflows.Configuration;

namespace Osmo.Silo.Configuration;

/// <summary>
/// Puts what a file says into the service configuration when the silo starts: a JSON merge patch (RFC 7396), so that the file says only what it wants otherwise. All silos
/// are given the same file; the first one that starts with a changed one changes the configuration, for the others there is nothing left to do.
/// </summary>
internal sealed class ConfigurationFile(IGrainFactory grains, FirstCalls calls, string file) : IHostedService
{
    /// <summary>Somebody else may change the configuration at the same moment.</summary>
    private const int TriesMax = 10;

    /// <summary>A misspelt name must not silently mean the default.</summary>
    private static readonly JsonSerializerOptions Strict = new(ConfigurationJson.Storage) { UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow };

    public async Task StartAsync(CancellationToken cancellationToken)
    {
        var patch = await Read(cancellationToken);
        var grain = grains.GetGrain<IConfigurationGrain>(IConfigurationGrain.Key);
        for (var tries = 0; tries < TriesMax; tries++)
        {
            var stored = await calls.Make(() => grain.Get(knownVersion: -1), cancellationToken);
            var wanted = Apply(stored.Json, patch);
            if (wanted == stored.Json || (await calls.Make(() => grain.Replace(stored.Version, wanted), cancellationToken)).Json == wanted)
            {
                return;
            }
        }

        throw Fault("the configuration is being changed by somebody else all the time; start again.");
    }

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    /// <summary>The whole configuration with the patch in it, as it is stored.</summary>
    internal string Apply(string? stored, JsonNode patch)
    {
        var current = stored is null ? JsonSerializer.Serialize(ConfigurationSnapshot.Default, ConfigurationJson.Storage) : stored;
        try
        {
            var merged = Merge(JsonNode.Parse(current), patch).Deserialize<ConfigurationSnapshot>(Strict)
                ?? throw new JsonException("The configuration is null.");
            ConfigurationModel.Build(merged);
            return JsonSerializer.Serialize(merged, ConfigurationJson.Storage);
        }
        catch (JsonException error) when (error.Path is { } path)
        {
            // Line and column would be those of the merged text, which nobody has seen.
            throw Fault($"{path.TrimStart('$', '.')}: {error.Message.Split(" Path: ")[0]}", error);
        }
        catch (Exception error) when (error is JsonException or ConfigurationException)
        {
            throw Fault(error.Message, error);
        }
    }

    private static JsonNode? Merge(JsonNode? target, JsonNode? patch)
    {
        if (patch is not JsonObject changes)
        {
            return patch?.DeepClone();
        }

        var merged = target as JsonObject ?? [];
        foreach (var (name, value) in changes)
        {
            if (value is null)
            {
                merged.Remove(name);
                continue;
            }

            var before = merged[name];
            merged.Remove(name);
            merged[name] = Merge(before, value);
        }

        return merged;
    }

    private async Task<JsonNode> Read(CancellationToken cancellation)
    {
        try
        {
            return JsonNode.Parse(
                await File.ReadAllTextAsync(file, cancellation),
                documentOptions: new() { CommentHandling = JsonCommentHandling.Skip, AllowTrailingCommas = true }) as JsonObject
                ?? throw new JsonException("It must be a JSON object.");
        }
        catch (Exception error) when (error is JsonException or IOException or UnauthorizedAccessException)
        {
            throw Fault(error.Message, error);
        }
    }

    private SettingsException Fault(string message, Exception? inner = null) =>
        new($"{SiloOptions.Section}:{nameof(SiloOptions.Configuration)} ({file}): {message}", inner);
}
