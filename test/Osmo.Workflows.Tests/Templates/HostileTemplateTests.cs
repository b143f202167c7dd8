using System.Diagnostics;
using Osmo.Workflows.Templates;

namespace Osmo.Workflows.Tests.Templates;

/// <summary>Alone on the machine, as far as tests go: they look at the clock.</summary>
[CollectionDefinition(nameof(HostileTemplateTests), DisableParallelization = true)]
public sealed class HostileTemplateCollection;

/// <summary>Whatever a template asks for, a render ends soon, with the engine's own error, and without taking the memory of others.</summary>
[Collection(nameof(HostileTemplateTests))]
public class HostileTemplateTests
{
    private const long AllocatedMax = 64 * 1024 * 1024;
    private const int SmallStack = 256 * 1024;

    /// <summary>A busy machine may hold up a render; three times in a row it does not.</summary>
    private const int Attempts = 3;

    private static readonly TimeSpan ElapsedMax = TimeSpan.FromSeconds(1);
    private static readonly TemplateLimits Limits = new() { MaxTime = TimeSpan.FromSeconds(0.25), MaxMemory = 24 * 1024 * 1024 };
    private static readonly TemplateValues Variables = TemplateValues.Empty.With("n", new TemplateValue.Int(3));

    public static TheoryData<string, string, TemplateFault> Failing => HostileTemplates.Failing;

    public static TheoryData<string, string> Harmless => HostileTemplates.Harmless;

    [Theory]
    [MemberData(nameof(Failing))]
    public void Render_Hostile_EndsSoonAtItsLimit(string what, string template, TemplateFault fault)
    {
        // What does not end at the clock must end by itself, however slow the machine.
        var limits = IsLimit(fault) ? Limits : Limits with { MaxTime = ElapsedMax };
        var run = Enumerable.Range(0, Attempts).Select(_ => Measure(template, limits)).FirstOrDefault(run => run.Elapsed < ElapsedMax);

        Assert.True(run.Result is not null, $"{what}: took longer than {ElapsedMax}.");
        var failed = Assert.IsType<TemplateResult.Failed>(run.Result);
        Assert.True(failed.Fault == fault || IsLimit(failed.Fault) && IsLimit(fault), $"{what}: {failed}");
        Assert.NotEmpty(failed.Message);
        Assert.True(failed.Fault == TemplateFault.TimeLimit || run.Allocated < AllocatedMax, $"{what}: allocated {run.Allocated:N0} bytes.");
    }

    [Theory]
    [MemberData(nameof(Failing))]
    public void Render_HostileOnSmallStack_EndsWithAnError(string what, string template, TemplateFault fault)
    {
        TemplateResult? result = null;
        var thread = new Thread(() => result = new TemplateEngine().Render(template, Variables, Limits), SmallStack);

        thread.Start();
        thread.Join();

        var failed = Assert.IsType<TemplateResult.Failed>(result);
        Assert.True(failed.Fault == fault || failed.Fault == TemplateFault.Value || IsLimit(failed.Fault), $"{what}: {failed}");
    }

    [Theory]
    [MemberData(nameof(Harmless))]
    public void Render_LooksHostile_GivesJinjasText(string template, string expected)
    {
        var rendered = Assert.IsType<TemplateResult.Rendered>(new TemplateEngine().Render(template, Variables, Limits));

        Assert.Equal(expected, rendered.Text);
    }

    /// <summary>Time or memory: which of them ends a render depends on the machine.</summary>
    private static bool IsLimit(TemplateFault fault) => fault is TemplateFault.TimeLimit or TemplateFault.MemoryLimit;

    /// <summary>What a render took is no more than the clock says, nor more than the process was given of the processor.</summary>
    private static (TemplateResult Result, TimeSpan Elapsed, long Allocated) Measure(string template, TemplateLimits limits)
    {
        var allocated = GC.GetAllocatedBytesForCurrentThread();
        var (watch, processor) = (Stopwatch.StartNew(), Environment.CpuUsage.TotalTime);
        var result = new TemplateEngine().Render(template, Variables, limits);
        var (elapsed, used) = (watch.Elapsed, Environment.CpuUsage.TotalTime - processor);
        return (result, elapsed < used ? elapsed : used, GC.GetAllocatedBytesForCurrentThread() - allocated);
    }
}
