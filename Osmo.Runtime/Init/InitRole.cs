using Osmo.Runtime.Arguments;

namespace Osmo.Runtime.Init;

/// <summary>osmo_init: lays out the pod's shared volumes (contract: runtime-protocol §2.2).</summary>
/// <remarks>What the image does not hold (programs, CLI, login files: a local pod has none) is not copied.</remarks>
public sealed class InitRole : IRole
{
    private const UnixFileMode Everyone = (UnixFileMode)0b111_111_111;
    private const UnixFileMode Program = Everyone & ~(UnixFileMode.GroupWrite | UnixFileMode.OtherWrite);

    public Task<int> Run(IReadOnlyList<string> arguments, RoleEnvironment environment, CancellationToken terminated)
    {
        var log = new GoLog(environment.Output, environment.Time);
        try
        {
            LayOut(InitArguments.Parse(arguments), environment);
            return Task.FromResult(0);
        }
        catch (Exception exception) when (exception is FlagException or IOException or UnauthorizedAccessException)
        {
            log.Print($"Error initializing OSMO: {exception.Message}");
            return Task.FromResult(1);
        }
    }

    private static void LayOut(InitArguments arguments, RoleEnvironment environment)
    {
        // A container path below a mount may be mounted itself, so every path is looked up whole.
        string At(string location, string path) => environment.LocalPath($"{location}/{path}");
        var data = environment.LocalPath(arguments.DataLocation);
        if (Directory.Exists(data) && Directory.EnumerateFileSystemEntries(data).Any(entry => Path.GetFileName(entry) != "lost+found"))
            return;
        CopyFile(environment.LocalPath("/osmo/osmo_ctrl"), environment.LocalPath("/osmo_binaries/osmo/osmo_ctrl"), Everyone);
        CopyFile(environment.LocalPath("/osmo/osmo_exec"), environment.LocalPath("/osmo_binaries/osmo/osmo_exec"), Everyone);
        foreach (var name in (string[])["benchmarks", "input", "output", "socket"])
            MakeDirectory(At(arguments.DataLocation, name));
        var cli = environment.LocalPath("/osmo/osmo_cli_onedir");
        CopyCli(cli, At(arguments.UserBinLocation, "osmo_cli"), At(arguments.UserBinLocation, "osmo"));
        var (login, config) = (environment.LocalPath("/osmo/login.yaml"), environment.LocalPath("/osmo/user_config.yaml"));
        CopyFile(login, At(arguments.LoginLocation, "ctrl/config/login.yaml"), Everyone);
        CopyFile(login, At(arguments.LoginLocation, "user/config/login.yaml"), Everyone);
        CopyFile(config, At(arguments.LoginLocation, "user/config/config.yaml"), Everyone);
        MakeDirectory(At(arguments.RunLocation, "workspace"));
        if (arguments.EnableRsync)
            CopyFile(environment.LocalPath("/osmo/rsync"), At(arguments.UserBinLocation, "rsync"), Program);
    }

    private static void CopyCli(string from, string to, string link)
    {
        const string Binary = "osmo/osmo-cli/osmo-cli";
        if (!Directory.Exists(from))
            return;
        MakeDirectory(to);
        foreach (var file in Directory.EnumerateFiles(from, "*", SearchOption.AllDirectories))
            CopyFile(file, Path.Combine(to, Path.GetRelativePath(from, file)), File.GetUnixFileMode(file));
        File.CreateSymbolicLink(link, Path.GetRelativePath(Path.GetDirectoryName(link)!, Path.Combine(to, Binary)));
    }

    private static void CopyFile(string from, string to, UnixFileMode mode)
    {
        if (!File.Exists(from) || from == to)
            return;
        MakeDirectory(Path.GetDirectoryName(to)!);
        File.Copy(from, to, overwrite: true);
        File.SetUnixFileMode(to, mode);
    }

    private static void MakeDirectory(string path)
    {
        Directory.CreateDirectory(path);
        File.SetUnixFileMode(path, Everyone);
    }
}
