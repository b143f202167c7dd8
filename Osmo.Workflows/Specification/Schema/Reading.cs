using Osmo.Workflows.Yaml;

namespace Osmo.Workflows.Specification.Schema;

/// <summary>A value on its way into the model: what it is, where it stands, and where faults are reported.</summary>
internal readonly record struct Reading(SpecPath Path, YamlValue Value, SpecProblems Problems)
{
    /// <summary>The value of a key, or this map itself when the key is missing.</summary>
    public Reading At(string key) => this with { Path = Path.Then(key), Value = (Value as YamlValue.Map)?.Find(key) ?? Value };

    public Reading At(string key, YamlValue value) => this with { Path = Path.Then(key), Value = value };

    /// <summary>Reports a fault of this value; always false, so that readers can return it.</summary>
    public bool Fail(string message, string allowed = "")
    {
        Problems.Add(new SpecProblem(Path.ToString(), Value.Position, message, Describe(Value), allowed));
        return false;
    }

    /// <summary>Reports that something is not there, or what a list or map lacks: that it is a list or a map is no help.</summary>
    public bool FailMissing(string message, string allowed = "")
    {
        Problems.Add(new SpecProblem(Path.ToString(), Value.Position, message, Allowed: allowed));
        return false;
    }

    /// <summary>Reports a broken rule, as opposed to a wrong type.</summary>
    public bool FailRule(string message, string allowed = "") => PythonText.OfScalar(Value) is null
        ? FailMissing("Value error, " + message, allowed)
        : Fail("Value error, " + message, allowed);

    private static string Describe(YamlValue value)
    {
        const int LongestExcerpt = 60;
        return PythonText.OfScalar(value) is not { } text ? value.Kind
            : text.Length <= LongestExcerpt ? $"'{text}'"
            : $"'{text[..LongestExcerpt]}…'";
    }
}

/// <summary>Dotted location of a value: <c>workflow.tasks.0.image</c>.</summary>
internal sealed record SpecPath(SpecPath? Parent, string Segment)
{
    public static SpecPath Root { get; } = new(null, "");

    public SpecPath Then(string segment) => new(this, segment);

    public override string ToString() => Parent is null ? Segment : Parent.Parent is null ? Segment : $"{Parent}.{Segment}";
}

/// <summary>Faults of one specification, in order of discovery, at most <see cref="MaxProblems"/> of each kind.</summary>
internal sealed class SpecProblems
{
    public const int MaxProblems = 100;

    private readonly List<SpecProblem> _schema = [];
    private readonly List<SpecProblem> _quantities = [];

    /// <summary>Faults that make up the schema report.</summary>
    public IReadOnlyList<SpecProblem> Schema => _schema;

    /// <summary>Faults of quantities, which are an error of their own (contract: workflow-spec §6.9).</summary>
    public IReadOnlyList<SpecProblem> Quantities => _quantities;

    public void Add(SpecProblem problem) => AddBounded(_schema, problem);

    public void AddQuantity(SpecProblem problem) => AddBounded(_quantities, problem);

    private static void AddBounded(List<SpecProblem> problems, SpecProblem problem)
    {
        if (problems.Count < MaxProblems)
        {
            problems.Add(problem);
        }
    }
}
