namespace Osmo.Runtime.Data;

/// <summary>Content types guessed from file names; what is unknown is <c>text/plain</c> (contract: runtime-protocol §17.3).</summary>
internal static class ContentTypes
{
    public static string Of(string path) => Path.GetExtension(path).ToLowerInvariant() switch
    {
        ".bin" or ".pt" or ".pth" or ".npy" or ".npz" or ".safetensors" or ".onnx" => "application/octet-stream",
        ".csv" => "text/csv",
        ".gif" => "image/gif",
        ".gz" or ".tgz" => "application/gzip",
        ".html" or ".htm" => "text/html",
        ".jpg" or ".jpeg" => "image/jpeg",
        ".json" => "application/json",
        ".mp4" => "video/mp4",
        ".parquet" => "application/vnd.apache.parquet",
        ".pdf" => "application/pdf",
        ".png" => "image/png",
        ".svg" => "image/svg+xml",
        ".tar" => "application/x-tar",
        ".xml" => "application/xml",
        ".yaml" or ".yml" => "application/yaml",
        ".zip" => "application/zip",
        _ => "text/plain",
    };
}
