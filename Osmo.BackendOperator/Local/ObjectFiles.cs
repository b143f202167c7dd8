using System.Text;
using System.Text.Json;
using Microsoft.Extensions.Logging;
using Osmo.BackendOperator.Kubernetes;
using Osmo.Storage.Objects;

namespace Osmo.BackendOperator.Local;

/// <summary>
/// One file per object, so that a killed process or a loss of power leaves the old object or the new one.
/// The directory is the owner's alone: Secrets lie in it.
/// </summary>
internal sealed partial class ObjectFiles
{
    private const string Extension = ".json";

    private const string UidFile = "uid";

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
        var directory = Path.GetDirectoryName(path)!;
        if (!Directory.Exists(directory))
        {
            Directory.CreateDirectory(directory);
            FolderSync.Sync(Path.GetDirectoryName(directory)!);
            FolderSync.Sync(_directory);
        }

        DurableFile.Replace(path, file =>
        {
            using var writer = new Utf8JsonWriter(file);
            @object.Document.WriteTo(writer);
        });
    }

    public void Delete(ObjectRef target) => DurableFile.Delete(PathOf(target));

    /// <summary>The cluster's identity, made at the first start.</summary>
    /// <exception cref="InvalidDataException">The file holds no uid.</exception>
    /// <exception cref="IOException">The file cannot be read or written.</exception>
    public string ClusterUid()
    {
        if (ReadUid(_directory) is { } known)
        {
            return known;
        }

        var uid = Guid.NewGuid().ToString();
        DurableFile.Replace(Path.Combine(_directory, UidFile), file => file.Write(Encoding.ASCII.GetBytes(uid)));
        return uid;
    }

    /// <returns>Null when no cluster has been here yet.</returns>
    /// <exception cref="InvalidDataException">The file holds no uid.</exception>
    /// <exception cref="IOException">The file cannot be read.</exception>
    public static string? ReadUid(string directory)
    {
        var path = Path.Combine(directory, UidFile);
        string text;
        try
        {
            text = File.ReadAllText(path).Trim();
        }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException)
        {
            return null;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new IOException($"The local cluster's identity cannot be read from {path}: {e.Message}", e);
        }

        return Guid.TryParse(text, out _)
            ? text
            : throw new InvalidDataException(
                $"{path} must hold the uid of the local cluster, such as {Guid.Empty}, and {(text.Length == 0 ? "is empty" : "holds something else")}. "
                + "Write the uid back that the backend was registered with, or remove the file for a cluster with a new identity.");
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
