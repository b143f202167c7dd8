using System.Diagnostics;
using System.Runtime.CompilerServices;
using Osmo.Workflows.Specification;
using Osmo.Workflows.Specification.Admission;
using Osmo.Workflows.Templates;
using Osmo.Workflows.Tests.Yaml;
using Xunit.Abstractions;

namespace Osmo.Workflows.Tests.Specification;

/// <summary>
/// The contract's examples, damaged at random: whatever the text, the answer is a specification that can be stored and submitted again,
/// or a rejection that says what is wrong. A million of them, on all cores:
/// <c>OSMO_FUZZ_ROUNDS=1000000 OSMO_FUZZ_SEED=7 dotnet test -c Release test/Osmo.Workflows.Tests --filter SpecFuzz</c>.
/// </summary>
public sealed class SpecFuzzTests(ITestOutputHelper output)
{
    private const string SeedVariable = "OSMO_FUZZ_SEED";
    private const string RoundsVariable = "OSMO_FUZZ_ROUNDS";
    private const int StandardRounds = 2_000;

    /// <summary>No text may keep anybody longer, not even on a machine that does other things.</summary>
    private static readonly TimeSpan RoundMax = TimeSpan.FromSeconds(30);

    private static readonly TemplateEngine Templates = new();

    private static readonly SpecReader Reader = new(Templates);

    private static readonly AdmissionCheck Admission = new(Templates);

    private static readonly string[] Fragments =
    [
        "null", "true", "5", "-1", "2.5", "[]", "{}", "[1]", "{a: b}", "''", "9223372036854775808", "1e400", ".nan", "2024-01-02",
            "{{output}}", "{{ x }}", "{% if %}", "{#", "tasks:", "groups:",
        "  lead: true", "name: 'x'", "<<: *base", "&base", "*base", "!!str", "|", "command: [sh]", "inputs: [{task: make}]",
            "exec_timeout: 1us", "memory: 1Ki", "\ud83d\ude00", "\u0000", "\t", "\r\n",
        "cpu: 0x7fffffff", "labels: {a: b}", "version: 2\n", "default-values: {x: 1}\n", "regex: '(?P<n>a)(?P=n)[[]'",
    ];

    [Fact]
    public void Read_DamagedExamples_AreAnswered()
    {
        var seed = Setting(SeedVariable, 1);
        var examples = Directory.EnumerateFiles(Folder(), "*.yaml").Order(StringComparer.Ordinal)
            .Select(path => File.ReadAllText(path).Split("\n---\n")[0] + "\n").ToArray();
        var rounds = Setting(RoundsVariable, StandardRounds);
        var accepted = 0;
        Parallel.For(0, rounds, round =>
        {
            var text = Damage(examples, new Random(seed + round), seed + round);
            try
            {
                if (CheckInTime(text))
                {
                    Interlocked.Increment(ref accepted);
                }
            }
            catch (Exception fault)
            {
                throw new Xunit.Sdk.XunitException($"Seed {seed}, round {round}: {fault}\n--- text\n{text}");
            }
        });
        output.WriteLine($"{rounds} texts from seed {seed}: {accepted} accepted.");
        Assert.InRange(accepted, 1, rounds - 1);
    }

    /// <summary>A busy machine may hold up a text; not twice in a row.</summary>
    private static bool CheckInTime(string text)
    {
        var watch = Stopwatch.StartNew();
        var isAccepted = Check(text);
        if (watch.Elapsed > RoundMax)
        {
            watch.Restart();
            Check(text);
            Assert.True(watch.Elapsed < RoundMax, $"Took {watch.Elapsed}.");
        }

        return isAccepted;
    }

    /// <summary>Whether the text was accepted.</summary>
    private static bool Check(string text)
    {
        switch (Reader.Read(SpecCases.Source(text), MainPool.Pool, MainPool.Config))
        {
            case SpecOutcome.Accepted { Spec: var spec }:
                var stored = SpecWriter.ToYaml(spec);
                Assert.Equal(SpecJson.Write(spec), SpecJson.Write(SpecJson.Read(SpecJson.Write(spec))));
                Assert.NotEmpty(SpecWriter.ToYaml(SecretMask.Apply(spec)));
                if (!stored.Contains("{%", StringComparison.Ordinal) && !stored.Contains("{#", StringComparison.Ordinal))
                {
                    Assert.Equal(stored, SpecWriter.ToYaml(Assert.IsType<SpecOutcome.Accepted>(SpecReader.Read(Resubmission.Whole(spec, spec.Labels), MainPool.Pool, MainPool.Config)).Spec));
                }

                CheckRejection(Admission.Reject(spec, MainPool.Facts));
                return true;
            case SpecOutcome.Rejected { Rejection: var rejection }:
                Assert.NotEmpty(rejection.Problems);
                CheckRejection(rejection);
                return false;
            case var other:
                throw new InvalidOperationException($"Unknown outcome {other}.");
        }
    }

    private static void CheckRejection(SpecRejection? rejection)
    {
        if (rejection is not null)
        {
            Assert.NotEmpty(rejection.Message);
            Assert.True(Enum.IsDefined(rejection.Code));
        }
    }

    private static string Damage(string[] examples, Random random, int seed)
    {
        var text = examples[random.Next(examples.Length)];
        for (var edits = random.Next(1, 4); edits > 0; edits--)
        {
            var at = random.Next(text.Length + 1);
            text = random.Next(4) switch
            {
                0 => text.Insert(at, Fragments[random.Next(Fragments.Length)]),
                1 => Replaced(text, at, Fragments[random.Next(Fragments.Length)]),
                2 => text + examples[random.Next(examples.Length)],
                _ => new YamlGenerator(seed).Damaged(text),
            };
        }

        return text;
    }

    /// <summary>The value after the next ':' is replaced.</summary>
    private static string Replaced(string text, int at, string fragment)
    {
        var colon = text.IndexOf(": ", Math.Min(at, text.Length - 1), StringComparison.Ordinal);
        var end = colon < 0 ? -1 : text.IndexOfAny([',', '}', '\n'], colon);
        return end < 0 ? text : $"{text[..(colon + 2)]}{fragment}{text[end..]}";
    }

    private static int Setting(string variable, int standard) =>
        int.TryParse(Environment.GetEnvironmentVariable(variable), out var number) ? number : standard;

    private static string Folder([CallerFilePath] string here = "") => Path.Combine(Path.GetDirectoryName(here)!, "Examples");
}
