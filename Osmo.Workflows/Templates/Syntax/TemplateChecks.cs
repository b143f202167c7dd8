using Osmo.Workflows.Templates.Values;

namespace Osmo.Workflows.Templates.Syntax;

/// <summary>
/// What is known about a template before it runs. An unknown filter or test fails the template even where it would not run, except
/// inside of conditions, where it fails when it runs (contract: workflow-spec §3.5). A syntax error anywhere goes first.
/// </summary>
internal sealed class TemplateChecks
{
    private readonly List<(string Message, int Line)> _faults = [];
    private readonly List<string> _loads = [];
    private (string Message, int Line)? _first;
    private bool _isSoft;

    public void Filter(string name, int line)
    {
        if (!_isSoft && !Filters.Exists(name))
        {
            Fail($"No filter named '{name}'.", line);
        }
    }

    public void Test(string name, int line)
    {
        if (!_isSoft && !Tests.Exists(name))
        {
            Fail($"No test named '{name}'.", line);
        }
    }

    public void Fail(string message, int line) => _faults.Add((message, line));

    /// <summary>Goes before whatever <see cref="Fail"/> was told.</summary>
    public void FailFirst(string message, int line) => _first ??= (message, line);

    /// <summary>The place in what was found so far, for <see cref="MakeSoft"/>.</summary>
    public int Mark() => _faults.Count;

    /// <summary>What was found since then turned out to stand inside a condition.</summary>
    public void MakeSoft(int mark) => _faults.RemoveRange(mark, _faults.Count - mark);

    /// <summary>Until disposed, unknown names are left to be found when they run.</summary>
    public Restore Soft() => Set(isSoft: true);

    /// <summary>A body that is compiled for itself, whatever it stands in.</summary>
    public Restore Hard() => Set(isSoft: false);

    /// <summary>A name is read. Only those that change what a macro takes are remembered.</summary>
    public void Load(string name)
    {
        if (name is "caller" or "varargs" or "kwargs")
        {
            _loads.Add(name);
        }
    }

    public int LoadMark() => _loads.Count;

    public bool LoadedSince(int mark, string name) => _loads.IndexOf(name, mark) >= 0;

    public void ThrowIfAny()
    {
        if (_first is not null || _faults.Count > 0)
        {
            var (message, line) = _first ?? _faults[0];
            throw new TemplateException(TemplateFault.Assertion, message, line);
        }
    }

    private Restore Set(bool isSoft)
    {
        var restore = new Restore(this, _isSoft);
        _isSoft = isSoft;
        return restore;
    }

    internal readonly struct Restore(TemplateChecks checks, bool former) : IDisposable
    {
        public void Dispose() => checks._isSoft = former;
    }
}
