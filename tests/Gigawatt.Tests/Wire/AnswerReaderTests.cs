using System.Text;
using Gigawatt.Models;
using Gigawatt.Wire;
using Xunit;

namespace Gigawatt.Tests.Wire;

public sealed class AnswerReaderTests
{
    private static TokenUsage? Read(string body, Dialect dialect) =>
        AnswerReader.TryReadUsage(Encoding.UTF8.GetBytes(body), dialect, out TokenUsage usage) ? usage : null;

    [Fact]
    public void Anthropics_input_is_without_the_cached_tokens_and_stays_so() => Assert.Equal(
        new TokenUsage(10, 200, 30, 4) { Reasoning = 2 },
        Read(
            """{"id":"msg_1","content":[{"type":"tool_use","input":{"usage":{"output_tokens":99}}}],"usage":{"input_tokens":10,"cache_creation_input_tokens":30,"cache_read_input_tokens":200,"cache_creation":{"ephemeral_5m_input_tokens":30,"input_tokens":7},"output_tokens":4,"output_tokens_details":{"thinking_tokens":2},"service_tier":"standard"}}""",
            Dialect.Anthropic));

    [Fact]
    public void OpenAIs_prompt_includes_the_cached_tokens_and_they_are_taken_out() => Assert.Equal(
        new TokenUsage(10, 200, 30, 4) { Reasoning = 3 },
        Read(
            """{"choices":[{"message":{"content":"x"}}],"usage":{"prompt_tokens":240,"completion_tokens":4,"total_tokens":244,"prompt_tokens_details":{"cached_tokens":200,"cache_write_tokens":30,"audio_tokens":0},"completion_tokens_details":{"reasoning_tokens":3}}}""",
            Dialect.OpenAI));

    [Fact]
    public void More_cached_than_prompt_tokens_do_not_make_the_rest_negative() => Assert.Equal(
        new TokenUsage(0, 5, 0, 1),
        Read("""{"usage":{"prompt_tokens":5,"completion_tokens":1,"prompt_tokens_details":{"cached_tokens":9,"cache_write_tokens":9}}}""", Dialect.OpenAI));

    [Theory]
    [InlineData("")]
    [InlineData("{}")]
    [InlineData("[{\"usage\":{\"output_tokens\":1}}")]
    [InlineData("{\"usage\":null}")]
    [InlineData("{\"usage\":{}}")]
    [InlineData("{\"usage\":{\"input_tokens\":1}}")]
    [InlineData("{\"usage\":{\"output_tokens\":-1}}")]
    [InlineData("{\"usage\":{\"output_tokens\":9223372036854775807}}")]
    [InlineData("{\"usage\":{\"output_tokens\":1}")]
    [InlineData("{\"usage\":{\"output_tokens\":1}} trailing")]
    [InlineData("{\"content\":{\"usage\":{\"output_tokens\":1}}}")]
    public void What_has_no_usage_is_not_made_to_have_one(string body) => Assert.Null(Read(body, Dialect.Anthropic));

    [Theory]
    [InlineData(-1, 0)]
    [InlineData(0, 0)]
    [InlineData(1, 1)]
    [InlineData(4, 1)]
    [InlineData(5, 2)]
    [InlineData(long.MaxValue, long.MaxValue / 4 + 1)]
    public void Four_bytes_are_a_token_and_none_are_free(long bytes, long tokens) => Assert.Equal(tokens, AnswerReader.EstimateOutputTokens(bytes));
}
