using System.Text.Json;
using Microsoft.Extensions.Logging;
using Osmo.BackendOperator.Kubernetes;

namespace Osmo.BackendOperator.Local;

/// <summary>
/// One file per object, replaced by rename, so that a killed process leaves the old object or the new one.
/// The directory is the owner's alone: Secrets lie in it.
/// </summary>
internal sealed partial class ObjectFiles
{
    private const string Extension = ".json";

    private readonly string _directory;
    private readonly ILogger _logger;

    public ObjectFiles(string directory, ILogger logger)
    {
        _directory = directory;
        _logger = logger;
        OwnersDirectory.Create(directory);
    }

    public IEnumerable<KubernetesObject> Load() =>
        Directory.EnumerateFiles(_directory, "*" + Extension, SearchOption.AllDirectories).Select(Read).OfType<KubernetesObject>();

    public void Save(KubernetesObject @object)
    {
        var path = PathOf(@object.Ref);
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        var temporary = path + ".tmp";
        using (var file = File.Create(temporary))
        using (var writer = new Utf8JsonWriter(file))
        {
            @object.Document.WriteTo(writer);
        }

        File.Move(temporary, path, overwrite: true);
    }

    public void Delete(ObjectRef target) => File.Delete(PathOf(target));

    /// <summary>The cluster's identity, made at the first start.</summary>
    public string ClusterUid()
    {
        var path = Path.Combine(_directory, "uid");
        if (!File.Exists(path))
        {
            File.WriteAllText(path + ".tmp", Guid.NewGuid().ToString());
            File.Move(path + ".tmp", path);
        }

        return File.ReadAllText(path).Trim();
    }

    private KubernetesObject? Read(string path)
    {
        try
        {
            return KubernetesObject.From(JsonElement.Parse(File.ReadAllBytes(path)));
        }
        catch (JsonException e)
        {
            LogUnreadable(_logger, path, e.Message);
            return null;
        }
    }

    // Names and namespaces are valid DNS names by now (ObjectStore.Create), so no path leaves the directory.
    private string PathOf(ObjectRef target) =>
        Path.Combine(
            _directory,
            $"{target.Kind.ApiVersion.Replace('/', '~')}.{target.Kind.Kind}",
            target.Namespace ?? "_cluster",
            target.Name + Extension);

    [LoggerMessage(1, LogLevel.Error, "Object file {Path} cannot be read and is left out: {Error}")]
    private static partial void LogUnreadable(ILogger logger, string path, string error);
}

/// <summary>Directories that only their owner may enter.</summary>
internal static class OwnersDirectory
{
    public static void Create(string path)
    {
        if (OperatingSystem.IsWindows())
        {
            Directory.CreateDirectory(path);
        }
        else
        {
            Directory.CreateDirectory(path, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        }
    }
}
