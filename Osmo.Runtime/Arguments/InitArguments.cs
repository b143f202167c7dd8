namespace Osmo.Runtime.Arguments;

/// <summary>The command line of osmo_init (contract: runtime-protocol §2.2).</summary>
internal sealed record InitArguments(
    string DataLocation, string LoginLocation, string UserBinLocation, string RunLocation, bool EnableRsync)
{
    public static InitArguments Parse(IReadOnlyList<string> arguments)
    {
        var flags = Flags.Parse(arguments, ["data_location", "login_location", "user_bin_location", "run_location"], ["enable_rsync"]);
        return new InitArguments(
            flags.Text("data_location", "/osmo/data"),
            flags.Text("login_location", "/osmo/login"),
            flags.Text("user_bin_location", "/osmo/usr/bin"),
            flags.Text("run_location", "/osmo/run"),
            flags.Boolean("enable_rsync"));
    }
}
