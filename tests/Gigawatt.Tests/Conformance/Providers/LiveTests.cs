using System.Text;
using Gigawatt.Configuration;
using Gigawatt.Models;
using Gigawatt.Providers;
using Gigawatt.Server.Hosting;
using Gigawatt.Wire;
using Xunit;

namespace Gigawatt.Tests.Conformance.Providers;

/// <summary>The same against the real clouds, for who has an account: a few tokens each. They run only when asked for.</summary>
/// <remarks>Set the variable to 1, the one with <c>_MODEL</c> to a model that the account may call, and what the provider needs, as
/// <c>docs/reference/config-file.md</c> has it.</remarks>
public sealed class LiveTests
{
    private static readonly Dictionary<string, string> Providers = new()
    {
        ["GIGAWATT_LIVE_ANTHROPIC"] = "kind: anthropic, key-env: ANTHROPIC_API_KEY",
        ["GIGAWATT_LIVE_OPENAI"] = "kind: openai, key-env: OPENAI_API_KEY",
        ["GIGAWATT_LIVE_FOUNDRY"] = "kind: foundry, resource: {GIGAWATT_LIVE_FOUNDRY_RESOURCE}",
        ["GIGAWATT_LIVE_AZURE_OPENAI"] = "kind: azure-openai, resource: {GIGAWATT_LIVE_AZURE_OPENAI_RESOURCE}",
        ["GIGAWATT_LIVE_BEDROCK"] = "kind: bedrock",
        ["GIGAWATT_LIVE_VERTEX"] = "kind: vertex",
    };

    [Theory]
    [InlineData("GIGAWATT_LIVE_ANTHROPIC", Dialect.Anthropic)]
    [InlineData("GIGAWATT_LIVE_OPENAI", Dialect.OpenAI)]
    [InlineData("GIGAWATT_LIVE_OPENAI", Dialect.Responses)]
    [InlineData("GIGAWATT_LIVE_FOUNDRY", Dialect.Anthropic)]
    [InlineData("GIGAWATT_LIVE_AZURE_OPENAI", Dialect.OpenAI)]
    [InlineData("GIGAWATT_LIVE_BEDROCK", Dialect.Anthropic)]
    [InlineData("GIGAWATT_LIVE_VERTEX", Dialect.Anthropic)]
    public async Task It_answers_with_usage_whole_and_as_a_stream_and_refuses_a_model_that_is_not_there(string variable, Dialect dialect)
    {
        Assert.SkipUnless(Environment.GetEnvironmentVariable(variable) == "1", $"It calls a cloud and costs money; set {variable}=1 and {variable}_MODEL to run it.");
        CancellationToken cancelled = TestContext.Current.CancellationToken;
        IModelProvider provider = Create(variable);
        string model = Environment.GetEnvironmentVariable($"{variable}_MODEL") ?? throw new InvalidOperationException($"Set {variable}_MODEL.");

        (int status, byte[] body) = await CallAsync(model, stream: false);
        Assert.True(status == 200 && AnswerReader.TryReadUsage(body, dialect, out TokenUsage usage) && usage.Output > 0, $"{status}: {Encoding.UTF8.GetString(body)}");

        (status, body) = await CallAsync(model, stream: true);
        StreamMeter meter = new(dialect);
        meter.Feed(body);
        Assert.True(status == 200 && meter.Ended && meter.UsageSeen && !meter.ErrorSeen, $"{status}: {Encoding.UTF8.GetString(body)}");

        (status, body) = await CallAsync("no-such-model", stream: false);
        Assert.True(status is >= 400 and < 500 && CloudErrors.MessageOf(body) is not null, $"{status}: {Encoding.UTF8.GetString(body)}");

        async Task<(int Status, byte[] Body)> CallAsync(string name, bool stream)
        {
            string flag = stream ? "true" : "false";
            string asked = dialect switch
            {
                Dialect.Anthropic => $$"""{"model":"{{name}}","max_tokens":16,"messages":[{"role":"user","content":"Say hi."}],"stream":{{flag}}}""",
                Dialect.Responses => $$"""{"model":"{{name}}","max_output_tokens":64,"input":"Say hi.","stream":{{flag}}}""",
                _ => $$"""{"model":"{{name}}","max_completion_tokens":64,"messages":[{"role":"user","content":"Say hi."}],"stream":{{flag}}{{(stream ? ",\"stream_options\":{\"include_usage\":true}" : "")}}}""",
            };
            KeyValuePair<string, string>[] headers = [new("Content-Type", "application/json"), new("anthropic-version", "2023-06-01")];
            await using ProviderAnswer answer = await provider.SendAsync(new(dialect, name, stream, Encoding.UTF8.GetBytes(asked), headers), cancelled);
            using MemoryStream all = new();
            await answer.Body.CopyToAsync(all, cancelled);
            return (answer.Status, all.ToArray());
        }
    }

    [Fact]
    public void Each_of_these_providers_can_be_configured()
    {
        foreach (string fields in Providers.Values)
        {
            string text = fields.Replace("{GIGAWATT_LIVE_FOUNDRY_RESOURCE}", "r", StringComparison.Ordinal).Replace("{GIGAWATT_LIVE_AZURE_OPENAI_RESOURCE}", "r", StringComparison.Ordinal);
            Dictionary<string, string> environment = new() { ["ANTHROPIC_API_KEY"] = "k", ["OPENAI_API_KEY"] = "k", ["AWS_REGION"] = "us-east-1", ["GOOGLE_CLOUD_PROJECT"] = "p" };
            ProviderConfig config = ServerConfig.Parse($"providers: [{{name: live, {text}}}]", "live", environment).Value!.Providers[0];
            using IDisposable provider = (IDisposable)ProviderFactory.Create(config, new ModelCatalog([]), TimeProvider.System);
            Assert.Equal("live", ((IModelProvider)provider).Name);
        }
    }

    private static IModelProvider Create(string variable)
    {
        Dictionary<string, string> environment = Environment.GetEnvironmentVariables().Cast<System.Collections.DictionaryEntry>().ToDictionary(e => (string)e.Key, e => (string?)e.Value ?? "");
        string fields = environment.Aggregate(Providers[variable], (text, e) => text.Replace($"{{{e.Key}}}", e.Value, StringComparison.Ordinal));
        return ProviderFactory.Create(ServerConfig.Parse($"providers: [{{name: live, {fields}}}]", "live", environment).Value!.Providers[0], new ModelCatalog([]), TimeProvider.System);
    }
}
