using System.Text;
using Osmo.Workflows.Specification;
using static Osmo.Workflows.Tests.Specification.SpecCases;

namespace Osmo.Workflows.Tests.Specification;

public sealed class SecretMaskTests
{
    private static TaskSpec Masked(string task) => SecretMask.Apply(Accept(B(task))).Groups[0].Tasks[0];

    [Theory]
    [InlineData("API_TOKEN", "abcdefghij", "[MASKED]")]
    [InlineData("api_key", "abcdefghij0", "[MASKED]")]
    [InlineData("API_TOKEN", "short", "short")]
    [InlineData("PLAIN", "abcdefghijkl", "abcdefghijkl")]
    [InlineData("PASSWORD", "${OTHER_PASSWORD}", "${OTHER_PASSWORD}")]
    [InlineData("PASSWORD", "my-cred-name", "my-cred-name")]
    [InlineData("URL", "http://h/?token=abcdefghij&x=1", "http://h/?token=[MASKED]&x=1")]
    public void Apply_Environment_HidesValuesOfSecretNames(string name, string value, string expected) =>
        Assert.Equal($"{name}={expected}", Assert.Single(
            Shown(Masked($"environment: {{{name}: '{value}'}}\n    credentials: {{my-cred-name: /mnt}}").Environment)));

    [Theory]
    [InlineData("curl -H 'Authorization: Bearer abcdefghij12'", "curl -H 'Authorization: Bearer [MASKED]'")]
    [InlineData("login --access-token abcdefghij12 now", "login --access-token [MASKED] now")]
    [InlineData("{\"password\": \"abcdefghij12\"}", "{\"password\": \"[MASKED]\"}")]
    [InlineData("the authentication information is elsewhere", "the authentication information is elsewhere")]
    public void Apply_Contents_HidesAssignments(string contents, string expected) =>
        Assert.Equal(
            expected, Masked($"files: [{{path: /a, contents: {System.Text.Json.JsonSerializer.Serialize(contents)}}}]").Files[0].Contents);

    [Fact]
    public void Apply_Base64OfASecret_IsHidden()
    {
        var secret = Convert.ToBase64String(Encoding.UTF8.GetBytes("password=abcdefghij12"));
        var harmless = Convert.ToBase64String(Encoding.UTF8.GetBytes("just some longer text"));
        Assert.Equal(["echo", $"[MASKED] {harmless}"], Masked($"args: [echo, '{secret} {harmless}']").Args.AsEnumerable());
    }

    [Fact]
    public void Apply_OptionBeforeArgument_NamesIt() =>
        Assert.Equal(["--token", "[MASKED]", "--name", "abcdefghij12"],
            Masked("args: [--token, abcdefghij12, --name, abcdefghij12]").Args.AsEnumerable());
}
