using System.Text;
using Gigawatt.Models;
using Gigawatt.Wire;

namespace Gigawatt.Tests.Wire;

/// <summary>Usage and end of Responses streams and answers, of embeddings and of token counts.</summary>
public sealed class ResponsesMeterTests
{
    private const string Usage = """{"input_tokens":36,"input_tokens_details":{"cached_tokens":6},"output_tokens":87,"output_tokens_details":{"reasoning_tokens":7},"total_tokens":123}""";

    private static string Event(string name, string rest, bool named = true) => $$"""{{(named ? $"event: {name}\n" : "")}}data: {"type":"{{name}}","sequence_number":1,{{rest}}}""" + "\n\n";

    private static StreamMeter Feed(params string[] events)
    {
        StreamMeter meter = new(Dialect.Responses);
        foreach (string e in events) { meter.Feed(Encoding.UTF8.GetBytes(e)); }
        return meter;
    }

    [Theory]
    [InlineData("response.completed", true)]
    [InlineData("response.completed", false)]
    [InlineData("response.incomplete", true)]
    public void The_last_event_ends_the_stream_and_tells_its_usage(string name, bool named)
    {
        StreamMeter meter = Feed(
            Event("response.created", "\"response\":{\"usage\":null}", named),
            Event("response.output_text.delta", "\"item_id\":\"i\",\"delta\":\"Hel\\u00e9\"", named),
            Event("response.function_call_arguments.delta", "\"delta\":\"{\\\"a\\\"\"", named),
            Event("response.reasoning_summary_text.delta", "\"delta\":\"ab\"", named));
        Assert.Equal((4 + 4 + 2, false, false), (meter.OutputTextBytes, meter.Ended, meter.UsageSeen));
        meter.Feed(Encoding.UTF8.GetBytes(Event(name, "\"response\":{\"id\":\"r\",\"output\":[{\"usage\":{\"input_tokens\":9}}],\"usage\":" + Usage + "}", named)));
        Assert.Equal((true, true, false), (meter.Ended, meter.UsageSeen, meter.ErrorSeen));
        Assert.Equal(new TokenUsage(30, 6, 0, 87) { Reasoning = 7 }, meter.Usage);
    }

    [Fact]
    public void A_failed_response_ends_the_stream_and_is_an_error()
    {
        StreamMeter meter = Feed(Event("response.failed", """ "response":{"status":"failed","error":{"code":"server_error"},"usage":null} """));
        Assert.Equal((true, true, false), (meter.Ended, meter.ErrorSeen, meter.UsageSeen));
    }

    [Fact]
    public void An_error_event_is_an_error_and_no_end()
    {
        StreamMeter meter = Feed(Event("error", "\"code\":\"x\",\"message\":\"y\""));
        Assert.Equal((false, true), (meter.Ended, meter.ErrorSeen));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(60_000)]
    [InlineData(70_000)]
    [InlineData(5_000_000)]
    public void The_usage_behind_an_answer_of_any_length_is_found(int length)
    {
        // The text talks of usage too, in its escaped form.
        string end = Event("response.completed", 
            "\"response\":{\"id\":\"r\",\"output\":[{\"type\":\"message\",\"text\":\"" + new string('x', length) + " \\\"usage\\\":{\\\"input_tokens\\\":1}\"}],\"usage\":" + Usage + ",\"user\":null}");
        byte[] bytes = Encoding.UTF8.GetBytes(end);
        StreamMeter whole = new(Dialect.Responses), split = new(Dialect.Responses);
        whole.Feed(bytes);
        foreach (byte[] chunk in bytes.Chunk(1_111)) { split.Feed(chunk); }
        foreach (StreamMeter meter in (StreamMeter[])[whole, split])
        {
            Assert.Equal((true, true), (meter.Ended, meter.UsageSeen));
            Assert.Equal(87, meter.Usage.Output);
        }
    }

    [Fact]
    public void An_answer_of_each_endpoint_tells_its_usage()
    {
        Assert.True(AnswerReader.TryReadUsage(Encoding.UTF8.GetBytes($$"""{"id":"r","object":"response","output":[],"usage":{{Usage}}}"""), Dialect.Responses, out TokenUsage usage));
        Assert.Equal(new TokenUsage(30, 6, 0, 87) { Reasoning = 7 }, usage);
        Assert.True(AnswerReader.TryReadUsage("""{"object":"list","data":[{"embedding":"AAAA"}],"usage":{"prompt_tokens":8,"total_tokens":8}}"""u8, Dialect.Embeddings, out usage));
        Assert.Equal(new TokenUsage(8, 0, 0, 0), usage);
        Assert.False(AnswerReader.TryReadUsage("""{"data":[]}"""u8, Dialect.Embeddings, out _));
        Assert.True(AnswerReader.TryReadUsage("""{"input_tokens":2095}"""u8, Dialect.CountTokens, out usage));
        Assert.Equal(default, usage);
    }
}
