using System.Collections.Immutable;
using System.Text;

namespace Osmo.Protocol.LocalPods;

/// <summary>Rewrites paths as a container knows them (<c>/osmo/data/output</c>) to where they are on this machine.</summary>
/// <remarks>
/// A local pod has no file system of its own, so the paths are replaced in every text that names them: commands, arguments, environment,
/// injected files. A mount path counts only as a whole path prefix: not after a letter, digit or one of <c>_ . - /</c>, and not before a
/// letter, digit or one of <c>_ -</c>, or a dot that a letter or digit follows. Of several mounts the longest wins. Rewriting a rewritten
/// text changes nothing.
/// </remarks>
public sealed class MountPaths
{
    private readonly ImmutableArray<MountEntry> _longestFirst;

    public MountPaths(IEnumerable<MountEntry> mounts) =>
        _longestFirst =
        [
            .. mounts
                .Select(mount => new MountEntry(mount.MountPath.TrimEnd('/'), mount.LocalPath.TrimEnd('/')))
                .Where(mount => mount.MountPath.StartsWith('/'))
                .OrderByDescending(mount => mount.MountPath.Length),
        ];

    public string Rewrite(string text)
    {
        StringBuilder? result = null;
        var copied = 0;
        for (var at = text.IndexOf('/', StringComparison.Ordinal); at >= 0;)
        {
            if (Match(text, at) is { } mount)
            {
                (result ??= new StringBuilder()).Append(text, copied, at - copied).Append(mount.LocalPath);
                at = copied = at + mount.MountPath.Length;
            }
            else
            {
                at++;
            }

            at = at < text.Length ? text.IndexOf('/', at) : -1;
        }

        return result is null ? text : result.Append(text, copied, text.Length - copied).ToString();
    }

    private MountEntry? Match(string text, int at)
    {
        if (at > 0 && (char.IsAsciiLetterOrDigit(text[at - 1]) || text[at - 1] is '_' or '.' or '-' or '/'))
            return null;
        foreach (var mount in _longestFirst)
        {
            var path = mount.MountPath;
            if (string.CompareOrdinal(text, at, path, 0, path.Length) == 0 && EndsAt(text, at + path.Length))
                return mount;
        }

        return null;
    }

    private static bool EndsAt(string text, int end)
    {
        if (end >= text.Length)
            return true;
        var next = text[end];
        return !char.IsAsciiLetterOrDigit(next) && next is not ('_' or '-')
            && !(next == '.' && end + 1 < text.Length && char.IsAsciiLetterOrDigit(text[end + 1]));
    }
}
