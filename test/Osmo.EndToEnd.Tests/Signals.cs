using System.Runtime.InteropServices;

namespace Osmo.EndToEnd.Tests;

internal static partial class Signals
{
    public const int Interrupt = 2;

    public const int Kill = 9;

    public const int Terminate = 15;

    /// <summary>To a process that may be gone already.</summary>
    public static void Send(int pid, int signal) => _ = SendIfAny(pid, signal);

    [LibraryImport("libc", EntryPoint = "kill")]
    private static partial int SendIfAny(int pid, int signal);
}
