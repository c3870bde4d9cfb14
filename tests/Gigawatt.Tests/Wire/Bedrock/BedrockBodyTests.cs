using System.Text;
using System.Text.Json;
using Gigawatt.Wire.Bedrock;
using Xunit;

namespace Gigawatt.Tests.Wire.Bedrock;

public sealed class BedrockBodyTests
{
    [Fact]
    public void Betas_of_header_and_body_are_put_together_once()
    {
        byte[] body = """{"model":"m","stream":true,"anthropic_beta":["one","two"],"max_tokens":5}"""u8.ToArray();
        Assert.Equal(
            """{"anthropic_version":"bedrock-2023-05-31","anthropic_beta":["one","two","three"],"max_tokens":5}""",
            Encoding.UTF8.GetString(BedrockBody.ForInvoke(body, ["two, three", ""])));
    }

    [Theory]
    [InlineData("{}", 1024)]
    [InlineData("""{"thinking":{"type":"enabled","budget_tokens":2048}}""", 3072)]
    [InlineData("""{"thinking":{"type":"adaptive"}}""", 1024)]
    [InlineData("""{"thinking":{"budget_tokens":-5}}""", 1024)]
    [InlineData("""{"max_tokens":7}""", 7)]
    public void A_count_is_asked_for_with_room_for_the_thinking(string body, int maxTokens)
    {
        using JsonDocument asked = JsonDocument.Parse(BedrockBody.ForCounting(Encoding.UTF8.GetBytes(body), []));
        byte[] inside = asked.RootElement.GetProperty("input").GetProperty("invokeModel").GetProperty("body").GetBytesFromBase64();
        using JsonDocument invoke = JsonDocument.Parse(inside);
        Assert.Equal(maxTokens, invoke.RootElement.GetProperty("max_tokens").GetInt32());
    }

    [Theory]
    [InlineData("us.anthropic.claude-v1:0", "anthropic.claude-v1:0")]
    [InlineData("us-gov.anthropic.claude-v1:0", "anthropic.claude-v1:0")]
    [InlineData("anthropic.claude-v1:0", "anthropic.claude-v1:0")]
    [InlineData("arn:aws:bedrock:us-east-1:1:inference-profile/us.anthropic.claude", "arn:aws:bedrock:us-east-1:1:inference-profile/us.anthropic.claude")]
    [InlineData("my-claude", "my-claude")]
    public void A_profile_counts_by_its_model(string model, string counting) => Assert.Equal(counting, BedrockBody.ModelForCounting(model));
}
