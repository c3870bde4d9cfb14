using System.Text;
using Gigawatt.Models;
using Gigawatt.Wire;

namespace Gigawatt.Tests.Wire;

/// <summary>Usage as providers write it, and what it is to us: golden records for both ways to count cached tokens.</summary>
public sealed class ReportedUsageTests
{
    [Fact]
    public void Anthropic_counts_cached_tokens_apart_and_tells_how_long_writes_are_kept() => AssertUsage(
        Dialect.Anthropic,
        CacheTokenConvention.InputExcludesCache,
        """
        {"usage":{"input_tokens":10,"cache_creation_input_tokens":30,"cache_read_input_tokens":200,
          "cache_creation":{"ephemeral_5m_input_tokens":20,"ephemeral_1h_input_tokens":10},
          "output_tokens":40,"output_tokens_details":{"thinking_tokens":25},
          "server_tool_use":{"web_search_requests":2,"web_fetch_requests":1},"service_tier":"standard"}}
        """,
        new(10, 200, 30, 40) { CacheWriteHour = 10, Reasoning = 25, WebSearches = 2 });

    [Fact]
    public void A_server_of_that_format_that_counts_them_in_is_not_charged_twice() => AssertUsage(
        Dialect.Anthropic,
        CacheTokenConvention.InputIncludesCache,
        """{"usage":{"input_tokens":240,"cache_creation_input_tokens":30,"cache_read_input_tokens":200,"output_tokens":40}}""",
        new(10, 200, 30, 40));

    [Fact]
    public void OpenAI_counts_them_in_and_reasoning_within_the_answer() => AssertUsage(
        Dialect.OpenAI,
        CacheTokenConvention.InputIncludesCache,
        """
        {"usage":{"prompt_tokens":240,"completion_tokens":40,"total_tokens":280,
          "prompt_tokens_details":{"cached_tokens":200,"cache_write_tokens":30,"audio_tokens":0},
          "completion_tokens_details":{"reasoning_tokens":25,"accepted_prediction_tokens":0}}}
        """,
        new(10, 200, 30, 40) { Reasoning = 25 });

    [Fact]
    public void Responses_has_the_same_under_other_names() => AssertUsage(
        Dialect.Responses,
        CacheTokenConvention.InputIncludesCache,
        """
        {"usage":{"input_tokens":240,"input_tokens_details":{"cached_tokens":200},
          "output_tokens":40,"output_tokens_details":{"reasoning_tokens":25},"total_tokens":280}}
        """,
        new(40, 200, 0, 40) { Reasoning = 25 });

    [Theory]
    [InlineData("""{"usage":{"input_tokens":1,"output_tokens":1,"cache_creation":{"ephemeral_5m_input_tokens":7,"ephemeral_1h_input_tokens":5}}}""", 12, 5)]
    [InlineData("""{"usage":{"input_tokens":1,"output_tokens":1,"cache_creation_input_tokens":9,"cache_creation":null}}""", 9, 0)]
    [InlineData("""{"usage":{"input_tokens":1,"output_tokens":1,"cache_creation_input_tokens":9,"cache_creation":{"ephemeral_1h_input_tokens":20}}}""", 20, 20)]
    [InlineData("""{"usage":{"input_tokens":1,"output_tokens":1,"cache_creation_input_tokens":9,"other":{"ephemeral_1h_input_tokens":20}}}""", 9, 0)]
    public void A_sum_that_is_less_than_its_parts_counts_as_them(string json, long write, long hour) => AssertUsage(
        Dialect.Anthropic, CacheTokenConvention.InputExcludesCache, json, new(1, 0, write, 1) { CacheWriteHour = hour });

    [Fact]
    public void More_thinking_than_answer_or_more_cache_than_prompt_is_garbage_and_bounded() => AssertUsage(
        Dialect.OpenAI,
        CacheTokenConvention.InputIncludesCache,
        """{"usage":{"prompt_tokens":10,"completion_tokens":4,"prompt_tokens_details":{"cached_tokens":200},"completion_tokens_details":{"reasoning_tokens":25}}}""",
        new(0, 10, 0, 4) { Reasoning = 4 });

    [Fact]
    public void The_last_usage_of_a_stream_replaces_counts_and_keeps_what_it_does_not_tell()
    {
        var meter = new StreamMeter(Dialect.Anthropic);
        meter.Feed(Encoding.UTF8.GetBytes(
            "event: message_start\ndata: {\"type\":\"message_start\",\"message\":{\"usage\":{\"input_tokens\":5,\"cache_creation_input_tokens\":30,"
            + "\"cache_creation\":{\"ephemeral_5m_input_tokens\":10,\"ephemeral_1h_input_tokens\":20},\"output_tokens\":1}}}\n\n"
            + "event: message_delta\ndata: {\"type\":\"message_delta\",\"delta\":{},\"usage\":{\"output_tokens\":50,\"server_tool_use\":{\"web_search_requests\":3}}}\n\n"));
        Assert.True(meter.UsageSeen);
        Assert.Equal(new TokenUsage(5, 0, 30, 50) { CacheWriteHour = 20, WebSearches = 3 }, meter.Usage);
    }

    private static void AssertUsage(Dialect dialect, CacheTokenConvention convention, string json, TokenUsage expected)
    {
        Assert.True(AnswerReader.TryReadUsage(Encoding.UTF8.GetBytes(json), dialect, convention, out TokenUsage usage));
        Assert.Equal(expected, usage);
    }
}
