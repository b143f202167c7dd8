namespace Osmo.Hosting;

/// <summary>A page of the management server.</summary>
public interface IManagementPage
{
    string Path { get; }

    string ContentType { get; }

    Task Write(Stream output, CancellationToken cancellation);
}
