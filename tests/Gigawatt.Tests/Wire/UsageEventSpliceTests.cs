using System.Buffers;
using System.Text;
using CsCheck;
using Gigawatt.Models;
using Gigawatt.Wire;

namespace Gigawatt.Tests.Wire;

public sealed class UsageEventSpliceTests
{
    private const string Begin = "event: message_start\r\ndata: {\"type\":\"message_start\",\"message\":{\"usage\":{\"input_tokens\":1}}}\r\n\r\n";
    private const string Text = "event: content_block_delta\ndata: {\"type\":\"content_block_delta\",\"delta\":{\"text\":\"\\\"usage\\\":{}, message_delta\"}}\n\n: a comment\n\n";
    private const string End = "\n\nevent: message_stop\ndata: {\"type\":\"message_stop\"}\n\nhalf an ev";

    [Theory]
    [InlineData("{\"type\":\"message_delta\",\"usage\":{\"output_tokens\":5}}", "{\"type\":\"message_delta\",\"usage\":{\"output_tokens\":5,\"gigawatt\":{}}}")]
    [InlineData("{\"usage\": {  } ,\"type\":\"message_delta\"}", "{\"usage\": {  \"gigawatt\":{}} ,\"type\":\"message_delta\"}")]
    [InlineData("{\"type\":\"message_delta\",\"usage\":{\"a\":{\"b\":[{}]},\"c\":\"}\"}}", "{\"type\":\"message_delta\",\"usage\":{\"a\":{\"b\":[{}]},\"c\":\"}\",\"gigawatt\":{}}}")]
    [InlineData("{\"type\":\"message_delta\",\"usage\":null}", "{\"type\":\"message_delta\",\"usage\":null}")]
    [InlineData("{\"type\":\"message_delta\",\"usage\":{", "{\"type\":\"message_delta\",\"usage\":{")]
    [InlineData("[\"usage\"]", "[\"usage\"]")]
    public void Only_the_final_usage_gets_it_however_the_bytes_are_split(string data, string expected) => Gen.Int[1, 40].Array[1, 30].Sample(pieces =>
    {
        byte[] stream = Encoding.UTF8.GetBytes($"{Begin}{Text}event: message_delta\ndata: {data}{End}");
        var splice = new UsageEventSplice(Dialect.Anthropic, static () => "\"gigawatt\":{}"u8.ToArray());
        var output = new ArrayBufferWriter<byte>();
        for (int at = 0, i = 0; at < stream.Length; i++)
        {
            int length = Math.Min(pieces[i % pieces.Length], stream.Length - at);
            splice.Feed(stream.AsSpan(at, length), output);
            at += length;
        }

        Assert.False(splice.InsideEvent);
        splice.Complete(output);
        Assert.Equal($"{Begin}{Text}event: message_delta\ndata: {expected}{End}", Encoding.UTF8.GetString(output.WrittenSpan));
    }, iter: 30);

    [Theory]
    [InlineData(Dialect.Responses, "{\"type\":\"response.completed\",\"response\":{\"usage\":{\"a\":1},\"x\":2}}", true)]
    [InlineData(Dialect.Responses, "{\"response\":{\"usage\":{\"a\":1}},\"type\":\"response.incomplete\"}", true)]
    [InlineData(Dialect.Responses, "{\"type\":\"response.in_progress\",\"response\":{\"usage\":{\"a\":1}}}", false)]
    [InlineData(Dialect.Responses, "{\"type\":\"response.completed\",\"usage\":{\"a\":1}}", false)]
    [InlineData(Dialect.Anthropic, "{\"type\":\"message_start\",\"usage\":{\"a\":1}}", false)]
    [InlineData(Dialect.OpenAI, "{\"choices\":[],\"usage\":{\"a\":1}}", true)]
    [InlineData(Dialect.OpenAI, "{\"choices\":[{\"usage\":{\"a\":1}}],\"usage\":null}", false)]
    public void Only_events_that_end_an_answer_have_the_final_usage(Dialect dialect, string data, bool expected)
    {
        var splice = new UsageEventSplice(dialect, static () => "\"gigawatt\":{}"u8.ToArray());
        var output = new ArrayBufferWriter<byte>();
        splice.Feed(Encoding.UTF8.GetBytes($"data: {data}\n\n"), output);
        Assert.Equal($"data: {(expected ? data.Replace("{\"a\":1}", "{\"a\":1,\"gigawatt\":{}}", StringComparison.Ordinal) : data)}\n\n", Encoding.UTF8.GetString(output.WrittenSpan));
    }

    [Fact]
    public void Any_bytes_pass_whatever_they_are() => Gen.Byte.Array[0, 300].Sample(bytes =>
    {
        foreach (Dialect dialect in (Dialect[])[Dialect.Anthropic, Dialect.OpenAI, Dialect.Responses])
        {
            var splice = new UsageEventSplice(dialect, static () => throw new InvalidOperationException());
            var output = new ArrayBufferWriter<byte>();
            splice.Feed(bytes, output);
            splice.Complete(output);
            Assert.Equal(bytes, output.WrittenSpan.ToArray());
            Assert.Equal(bytes, UsageSplice.IntoAnswer(bytes, dialect, "\"gigawatt\":{}"u8).ToArray());
        }
    });
}
