using System.Runtime.CompilerServices;

namespace Osmo.Workflows.Templates.Evaluation;

/// <summary>
/// What a render may still use: time, memory, depth. Hostile templates end here (contract: workflow-spec §3.4). Everything that can be made
/// long by a template says so before it is done.
/// </summary>
internal sealed class Budget(TemplateLimits limits, TimeProvider time)
{
    /// <summary>Nesting of blocks, expressions and calls; what the stack has room for may be less.</summary>
    private const int DepthMax = 1000;

    /// <summary>The clock is looked at once in this many steps.</summary>
    private const long StepsPerLook = 256;

    /// <summary>Characters that are copied or compared in the time of one step.</summary>
    private const int CharactersPerStep = 64;

    private readonly long _start = time.GetTimestamp();
    private readonly TimeSpan _processorStart = ProcessorTime;
    private long _untilLook = StepsPerLook;
    private long _bytes;
    private int _depth;

    /// <summary>Of the whole process, so at least that of this render.</summary>
    private static TimeSpan ProcessorTime => Environment.CpuUsage.TotalTime;

    /// <summary>A render that was given no processor has not taken long: on a busy machine a good template must not be refused.</summary>
    private bool IsOver => time.GetElapsedTime(_start) > limits.MaxTime && ProcessorTime - _processorStart > limits.MaxTime;

    /// <summary>One small piece of work, about 50 ns.</summary>
    public void Step() => Steps(1);

    public void Steps(long count)
    {
        _untilLook -= count;
        if (_untilLook <= 0)
        {
            _untilLook = StepsPerLook;
            if (IsOver)
            {
                throw new TemplateException(TemplateFault.TimeLimit, $"Process exceeded time limit of {limits.MaxTime.TotalSeconds} seconds");
            }
        }
    }

    /// <summary>Work that looks at every character of a text.</summary>
    public void Scan(long characters) => Steps(1 + (characters / CharactersPerStep));

    /// <summary>Counts what is about to be made, before it is made. Of values nothing is given back: a render is short.</summary>
    public void Allocate(long bytes)
    {
        _bytes += Math.Min(bytes, limits.MaxMemory + 1);
        if (_bytes > limits.MaxMemory)
        {
            throw new TemplateException(TemplateFault.MemoryLimit, $"Sandboxed process exceeded memory limit of {limits.MaxMemory} bytes");
        }
    }

    /// <summary>What nothing can see any more.</summary>
    public void Free(long bytes) => _bytes -= bytes;

    public void AllocateText(long characters)
    {
        Allocate(24 + (2 * Math.Clamp(characters, 0, limits.MaxMemory)));
        Scan(Math.Clamp(characters, 0, limits.MaxMemory));
    }

    /// <summary>What was counted, in bytes.</summary>
    public long AllocateItems(long items)
    {
        var bytes = 32 + (8 * Math.Clamp(items, 0, limits.MaxMemory));
        Allocate(bytes);
        Steps(1 + (Math.Clamp(items, 0, limits.MaxMemory) / 8));
        return bytes;
    }

    /// <summary>The text, counted.</summary>
    public string Made(string text)
    {
        AllocateText(text.Length);
        return text;
    }

    public void Enter()
    {
        if (++_depth > DepthMax || !RuntimeHelpers.TryEnsureSufficientExecutionStack())
        {
            throw TemplateException.TooDeep();
        }
    }

    public void Leave() => _depth--;
}
