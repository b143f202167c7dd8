using System.Runtime.InteropServices;

namespace Osmo.Runtime.Processes;

/// <summary>A null-terminated array of C strings, as execve(2) takes it.</summary>
internal sealed unsafe class NativeStrings : IDisposable
{
    private readonly int _count;

    public NativeStrings(IReadOnlyCollection<string> texts)
    {
        Pointer = (byte**)NativeMemory.AllocZeroed((nuint)texts.Count + 1, (nuint)sizeof(byte*));
        foreach (var text in texts)
            Pointer[_count++] = (byte*)Marshal.StringToCoTaskMemUTF8(text);
    }

    public byte** Pointer { get; private set; }

    public void Dispose()
    {
        if (Pointer is null)
            return;
        for (var index = 0; index < _count; index++)
            Marshal.FreeCoTaskMem((nint)Pointer[index]);
        NativeMemory.Free(Pointer);
        Pointer = null;
    }
}
