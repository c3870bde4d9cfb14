using System.Text;
using System.Text.Json;
using CsCheck;
using Gigawatt.Wire;

namespace Gigawatt.Tests.Wire;

public sealed class BodySpliceTests
{
    private static Gen<string> OneOf(params string[] texts) => Gen.Int[0, texts.Length - 1].Select(i => texts[i]);

    private static readonly Gen<string> Space = OneOf("", " ", "\n  ", "\t");

    private static readonly Gen<string> Value = OneOf(
        "1", "2.50", "-0.0", "null", "true", "\"h\\u00e9llo\"", "\"model\"", "[1, {\"model\":\"no\"} ,[]]", "{\"model\": \"no\", \"stream_options\" : {}}", "\"\"");

    private static readonly Gen<string> Options = OneOf(
        "null", "{}", "{ }", "{\"include_usage\":false}", "{\"include_usage\" : true}", "{\"other\":1}", "{\"other\":{\"include_usage\":false}, \"include_usage\":null}", "7");

    private static readonly Gen<string> Field = Gen.Frequency(
        (6, Gen.Select(OneOf("messages", "invented", "n", "MODEL"), Value).Select((n, v) => (n, v))),
        (2, Value.Select(v => ("model", v))),
        (2, Options.Select(v => ("stream_options", v))))
        .Select(f => f).SelectMany(f => Gen.Select(Space, Space, Space).Select((a, b, c) => $"{a}\"{f.Item1}\"{b}:{c}{f.Item2}{a}"));

    private static readonly Gen<string> Body = Field.Array[0, 6].SelectMany(fields => Space.Select(s => $"{s}{{{string.Join(',', fields)}{s}}}{s}"));

    [Fact]
    public void Another_model_changes_nothing_but_the_value_of_the_models_name() => Body.Sample(body =>
    {
        byte[] result = BodySplice.WithModel(Encoding.UTF8.GetBytes(body), "eu.claude:0");
        // Written back in place of ours, what was there before gives the body byte for byte.
        Assert.Equal(Without(body, "model"), Without(Encoding.UTF8.GetString(result), "model"));
        Assert.All(Values(result, "model"), v => Assert.Equal("eu.claude:0", v.GetString()));
    });

    [Fact]
    public void Usage_is_asked_for_whatever_stood_there_and_nothing_else_changes() => Body.Sample(body =>
    {
        byte[] bytes = Encoding.UTF8.GetBytes(body);
        byte[] result = BodySplice.WithUsage(bytes, null, out bool added);
        JsonElement[] options = [.. Values(result, "stream_options")];
        Assert.NotEmpty(options);
        Assert.All(options, o => Assert.Equal(JsonValueKind.True, o.GetProperty("include_usage").ValueKind));
        Assert.True(BodySplice.AsksForUsage(result));
        Assert.Equal(BodySplice.AsksForUsage(bytes), !added);
        if (!added) { Assert.Equal(bytes, result); }
        Assert.Equal(Others(bytes), Others(result));
        // A second splice has nothing to do, and the model goes along in one pass.
        Assert.Equal(result, BodySplice.WithUsage(result, null, out _));
        Assert.Equal(BodySplice.WithModel(result, "m"), BodySplice.WithUsage(bytes, "m", out _));
    });

    [Fact]
    public void A_body_that_asks_for_usage_itself_stays_as_it_is()
    {
        byte[] body = """{ "stream_options":{"include_usage" : true}, "model":"a" }"""u8.ToArray();
        Assert.Equal(body, BodySplice.WithUsage(body, null, out bool added));
        Assert.False(added);
        Assert.Equal("""{ "stream_options":{"include_usage" : true}, "model":"b\"c" }""", Encoding.UTF8.GetString(BodySplice.WithModel(body, "b\"c")).Replace("\\u0022", "\\\"", StringComparison.Ordinal));
    }

    /// <summary>However the stream is split, the usage chunk is missing and every other byte is there, in its place.</summary>
    [Fact]
    public void Only_the_usage_chunk_is_taken_out_of_a_stream_however_it_is_split()
    {
        string[] events =
        [
            "data: {\"id\":\"1\",\"choices\":[{\"delta\":{\"content\":\"the \\\"usage\\\" of\"}}],\"usage\":null}\n\n",
            ": comment \"usage\"\n\n",
            "data: {\"choices\":[{\"delta\":{}}],\"usage\":{\"completion_tokens\":1}}\r\n\r\n",
            "data: {\"choices\":[],\"prompt_filter_results\":[]}\n\n",
            "data: {\"id\":\"1\",\"choices\": [ ] ,\"usage\":{\"prompt_tokens\":9}}\n\n",
            "data: {\"usage\":{\"prompt_tokens\":9},\"choices\":[]}\r\n\r\n",
            "data: {\"error\":{\"message\":\"usage\"}}\n\n",
            $"data: {{\"pad\":\"{new string('x', UsageChunkFilter.EventLimit)}\",\"choices\":[],\"usage\":{{}}}}\n\n",
            "data: {\"usage\":{\"prompt_tokens\":9},\"no\":\"choices\"}\n\n",
            "data: [DONE]\n\n",
        ];
        byte[] whole = Encoding.UTF8.GetBytes(string.Concat(events));
        byte[] expected = Encoding.UTF8.GetBytes(string.Concat(events.Where((_, i) => i is not (4 or 5))));
        Gen.Int[1, 900].Array[1, 200].Sample(sizes =>
        {
            var filter = new UsageChunkFilter();
            var output = new System.Buffers.ArrayBufferWriter<byte>();
            ReadOnlySpan<byte> rest = whole;
            for (int i = 0; !rest.IsEmpty; i++)
            {
                int take = Math.Min(rest.Length, sizes[i % sizes.Length]);
                filter.Feed(rest[..take], output);
                rest = rest[take..];
            }

            filter.Complete(output);
            Assert.True(output.WrittenSpan.SequenceEqual(expected));
        }, iter: 50);
    }

    [Fact]
    public void A_usage_chunk_without_its_empty_line_at_the_end_is_left_out_too_and_the_rest_of_a_torn_event_is_not()
    {
        Assert.Equal("", Filtered("data: {\"choices\":[],\"usage\":{\"prompt_tokens\":1}}\n"));
        Assert.Equal("data: [DONE]", Filtered("data: [DONE]"));
        static string Filtered(string text)
        {
            var filter = new UsageChunkFilter();
            var output = new System.Buffers.ArrayBufferWriter<byte>();
            filter.Feed(Encoding.UTF8.GetBytes(text), output);
            filter.Complete(output);
            return Encoding.UTF8.GetString(output.WrittenSpan);
        }
    }

    [Fact]
    public void Prompts_that_begin_alike_have_one_hash_wherever_the_fields_stand()
    {
        ulong one = Hash("""{"model":"a","system":"be kind","messages":[{"role":"user","content":"first"}]}""", 16);
        Assert.Equal(one, Hash("""{"messages":[{"role":"user","content":"second"}],"max_tokens":9,"system":"be kind"}""", 16));
        Assert.NotEqual(one, Hash("""{"messages":[{"role":"user","content":"second"}],"max_tokens":9,"system":"be kind"}""", 100));
        Assert.NotEqual(one, Hash("""{"system":"be rude","messages":[{"role":"user","content":"first"}]}""", 16));
        Assert.NotEqual(one, Hash("""{"tools":[],"system":"be kind","messages":[]}""", 16));
        Assert.Equal(Hash("not json", 9), Hash("[", 9));
        static ulong Hash(string body, int length) => PromptPrefix.Hash(Encoding.UTF8.GetBytes(body), length);
    }

    private static IEnumerable<JsonElement> Values(ReadOnlyMemory<byte> body, string name) =>
        JsonDocument.Parse(body).RootElement.EnumerateObject().Where(p => p.Name == name).Select(p => p.Value);

    private static string Others(byte[] body) =>
        string.Join('|', JsonDocument.Parse(body).RootElement.EnumerateObject().Where(p => p.Name != "stream_options").Select(p => p.ToString()));

    // The text with the values of the top's property cut out.
    private static string Without(string body, string name)
    {
        byte[] bytes = Encoding.UTF8.GetBytes(body);
        var reader = new Utf8JsonReader(bytes);
        reader.Read();
        var kept = new StringBuilder();
        int from = 0;
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            bool cut = reader.ValueTextEquals(name);
            reader.Read();
            int start = (int)reader.TokenStartIndex;
            reader.Skip();
            if (!cut) { continue; }
            kept.Append(Encoding.UTF8.GetString(bytes, from, start - from)).Append('#');
            from = (int)reader.BytesConsumed;
        }

        return kept.Append(Encoding.UTF8.GetString(bytes, from, bytes.Length - from)).ToString();
    }
}
