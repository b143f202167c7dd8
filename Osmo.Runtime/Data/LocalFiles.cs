using System.Runtime.InteropServices;
using System.Text;
using Microsoft.Win32.SafeHandles;
using Osmo.Runtime.Processes;

namespace Osmo.Runtime.Data;

/// <summary>The files of the task's own folders.</summary>
internal static class LocalFiles
{
    /// <summary>
    /// Every file below a folder, in order of name within each folder. Links to files are followed, linked folders are not entered; pipes, sockets and devices are no files.
    /// </summary>
    public static IEnumerable<StoredFile> Walk(string root)
    {
        var folders = new Stack<(DirectoryInfo Folder, string Prefix)>();
        folders.Push((new DirectoryInfo(root), ""));
        while (folders.TryPop(out var current))
        {
            var entries = current.Folder.GetFileSystemInfos();
            Array.Sort(entries, (left, right) => string.CompareOrdinal(left.Name, right.Name));
            foreach (var entry in entries)
            {
                var path = current.Prefix + entry.Name;
                var target = entry.LinkTarget is null ? entry : entry.ResolveLinkTarget(returnFinalTarget: true);
                if (target is FileInfo { Exists: true } file && IsRegular(file.FullName))
                    yield return new StoredFile(path, file.Length);
            }

            foreach (var folder in entries.OfType<DirectoryInfo>().Reverse())
            {
                if (folder.LinkTarget is null)
                    folders.Push((folder, $"{current.Prefix}{folder.Name}/"));
            }
        }
    }

    /// <summary>Something with contents of its own. A pipe would be waited for, a socket cannot be read. What may not be read is a file: to leave it out in silence would lose it.</summary>
    public static bool IsRegular(string path)
    {
        using var file = new SafeFileHandle(Libc.Open(path, Libc.OpenReadOnly | Libc.OpenNonBlocking | Libc.OpenCloseOnExec), ownsHandle: true);
        var error = Marshal.GetLastPInvokeError();
        return file.IsInvalid ? error != Libc.ErrorNoDevice && File.Exists(path) : Libc.Seek(file, 0, Libc.SeekCurrent) >= 0;
    }

    public static bool IsEmpty(string folder) => !Directory.Exists(folder) || !Directory.EnumerateFileSystemEntries(folder).Any();

    /// <summary>
    /// One level of a folder, drawn as <c>tree -n -L 1</c> does; at most 20 lines and the last (contract: runtime-protocol §16.3).
    /// </summary>
    public static string Tree(string folder)
    {
        const int MaximumLines = 20;
        var entries = new DirectoryInfo(folder).GetFileSystemInfos();
        Array.Sort(entries, (left, right) => string.CompareOrdinal(left.Name, right.Name));
        var visible = entries.Where(entry => !entry.Name.StartsWith('.')).ToArray();
        var text = new StringBuilder(folder.TrimEnd('/')).Append('\n');
        foreach (var (index, entry) in visible.Index().Take(MaximumLines - 1))
            text.Append(index == visible.Length - 1 ? "└── " : "├── ").Append(entry.Name).Append('\n');
        var (folders, files) = (visible.Count(entry => entry is DirectoryInfo), visible.Count(entry => entry is FileInfo));
        var (folderWord, fileWord) = (folders == 1 ? "directory" : "directories", files == 1 ? "file" : "files");
        return text.Append($"{folders} {folderWord}, {files} {fileWord}").ToString();
    }
}
