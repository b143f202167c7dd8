namespace Osmo.Workflows.Templates.Evaluation;

/// <summary>What a render may still use: time, memory, depth. Hostile templates end here (contract: workflow-spec §3.4).</summary>
internal sealed class Budget(TemplateLimits limits, TimeProvider time)
{
    private const int DepthMax = 150;

    /// <summary>The clock is looked at once in this many steps.</summary>
    private const int StepsPerLook = 256;

    private readonly long _start = time.GetTimestamp();
    private int _steps;
    private long _bytes;
    private int _depth;

    public void Step()
    {
        if (++_steps % StepsPerLook == 0 && time.GetElapsedTime(_start) > limits.MaxTime)
        {
            throw new TemplateException(TemplateFault.TimeLimit, $"Process exceeded time limit of {limits.MaxTime.TotalSeconds} seconds");
        }
    }

    /// <summary>Counts what is about to be made, before it is made. Nothing is given back: a render is short.</summary>
    public void Allocate(long bytes)
    {
        _bytes += bytes;
        if (_bytes > limits.MaxMemory || bytes > limits.MaxMemory)
        {
            throw new TemplateException(TemplateFault.MemoryLimit, $"Sandboxed process exceeded memory limit of {limits.MaxMemory} bytes");
        }
    }

    public void Enter()
    {
        if (++_depth > DepthMax)
        {
            throw TemplateException.Value("maximum recursion depth exceeded");
        }
    }

    public void Leave() => _depth--;
}
