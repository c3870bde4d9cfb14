using System.Text;
using Gigawatt.Models;
using Gigawatt.Wire;
using Xunit;

namespace Gigawatt.Tests.Wire;

public sealed class RequestReaderTests
{
    private const string Messages = "\"messages\":[{\"role\":\"user\",\"content\":\"Hi\"}]";

    private static RequestFacts Read(string body, Dialect dialect = Dialect.Anthropic, string? version = null)
    {
        Assert.True(RequestReader.TryRead(Encoding.UTF8.GetBytes(body), dialect, version, out RequestFacts facts, out ApiError? error), error?.Message);
        return facts;
    }

    private static ApiError Refused(string body, Dialect dialect = Dialect.Anthropic, string? version = null)
    {
        Assert.False(RequestReader.TryRead(Encoding.UTF8.GetBytes(body), dialect, version, out RequestFacts facts, out ApiError? error));
        Assert.Equal(default, facts);
        Assert.Equal(ApiErrorKind.InvalidRequest, error.Kind);
        return error;
    }

    [Fact]
    public void An_anthropic_request_gives_model_stream_and_bounds()
    {
        string body = $$"""{"model":"claude-x","max_tokens":1024,"stream":true,"unknown":{"a":[1,{"max_tokens":9}]},{{Messages}}}""";
        Assert.Equal(new RequestFacts("claude-x", true, 1024, body.Length), Read(body));
    }

    [Fact]
    public void A_stream_that_is_not_asked_for_is_not_given() => Assert.False(Read($$"""{"model":"m","max_tokens":1,{{Messages}}}""").Stream);

    [Fact]
    public void An_openai_request_may_leave_its_bound_out() =>
        Assert.Null(Read($$"""{"model":"m",{{Messages}}}""", Dialect.OpenAI).MaxOutputTokens);

    [Theory]
    [InlineData("\"max_tokens\":10", 10, 1)]
    [InlineData("\"max_completion_tokens\":20", 20, 1)]
    [InlineData("\"max_tokens\":30,\"max_completion_tokens\":20", 30, 1)]
    [InlineData("\"max_completion_tokens\":20,\"n\":3", 60, 3)]
    [InlineData("\"n\":4", null, 4)]
    [InlineData("\"n\":null,\"max_tokens\":null,\"stream\":null,\"max_completion_tokens\":5", 5, 1)]
    public void The_openai_bound_covers_all_choices(string fields, int? expected, int choices)
    {
        RequestFacts facts = Read($$"""{"model":"m",{{fields}},{{Messages}}}""", Dialect.OpenAI);
        Assert.Equal((expected, choices), (facts.MaxOutputTokens, facts.Choices));
    }

    [Theory]
    [InlineData("", "The request body is not valid JSON")]
    [InlineData("{", "The request body is not valid JSON")]
    [InlineData("{\"model\":\"m\"} x", "The request body is not valid JSON: line 1, byte 15.")]
    [InlineData("{\n\"model\":tru}", "The request body is not valid JSON: line 2")]
    [InlineData("{\"model\":\"\\ud800\"}", "The request body is not valid JSON: it has text that is not UTF-8.")]
    [InlineData("[]", "The request body must be a JSON object.")]
    [InlineData("null", "The request body must be a JSON object.")]
    [InlineData("{}", "model: expected the name of a model; it is missing.")]
    [InlineData("{\"model\":null}", "model: expected a string.")]
    [InlineData("{\"model\":\" \"}", "model: expected a name of 1 to 256 characters.")]
    [InlineData("{\"model\":\"m\",\"model\":\"n\"}", "model: expected to be given once.")]
    [InlineData("{\"model\":\"m\"}", "max_tokens: expected a whole number of at least 1; it is missing.")]
    [InlineData("{\"model\":\"m\",\"max_tokens\":0}", "max_tokens: expected a whole number of at least 1.")]
    [InlineData("{\"model\":\"m\",\"max_tokens\":1.5}", "max_tokens: expected a whole number of at least 1.")]
    [InlineData("{\"model\":\"m\",\"max_tokens\":\"1\"}", "max_tokens: expected a whole number of at least 1.")]
    [InlineData("{\"model\":\"m\",\"max_tokens\":99999999999}", "max_tokens: expected a whole number of at least 1.")]
    [InlineData("{\"model\":\"m\",\"max_tokens\":1}", "messages: expected an array of messages; it is missing.")]
    [InlineData("{\"model\":\"m\",\"max_tokens\":1,\"messages\":{}}", "messages: expected an array of messages.")]
    [InlineData("{\"model\":\"m\",\"max_tokens\":1,\"messages\":[]}", "messages: expected at least one message.")]
    [InlineData("{\"model\":\"m\",\"max_tokens\":1,\"messages\":[{},1]}", "messages.1: expected an object.")]
    [InlineData("{\"stream\":\"true\"}", "stream: expected true or false.")]
    public void What_is_wrong_is_said_with_the_field_and_what_was_expected(string body, string message) =>
        Assert.StartsWith(message, Refused(body).Message, StringComparison.Ordinal);

    [Theory]
    [InlineData("0")]
    [InlineData("129")]
    [InlineData("\"2\"")]
    public void The_number_of_choices_is_bounded(string n) =>
        Assert.Equal("n: expected a whole number from 1 to 128.", Refused($$"""{"model":"m","n":{{n}},{{Messages}}}""", Dialect.OpenAI).Message);

    [Fact]
    public void Choices_times_tokens_must_fit() =>
        Assert.Equal("n", Refused($$"""{"model":"m","n":2,"max_tokens":2147483647,{{Messages}}}""", Dialect.OpenAI).Param);

    [Theory]
    [InlineData("temperature", "1")]
    [InlineData("top_p", "null")]
    [InlineData("top_k", "40")]
    public void Sampling_fields_are_refused_under_the_new_version_only(string field, string value)
    {
        string body = $$"""{"model":"m","max_tokens":1,"{{field}}":{{value}},{{Messages}}}""";
        Read(body);
        Read(body, version: AnthropicVersion.V2023_06_01);
        ApiError error = Refused(body, version: AnthropicVersion.V2026_10_21);
        Assert.Equal(($"{field}: expected to be absent under anthropic-version 2026-10-21.", field), (error.Message, error.Param));
        Read(body, Dialect.OpenAI, AnthropicVersion.V2026_10_21);
    }

    [Fact]
    public void An_escaped_name_is_the_same_name()
    {
        Assert.Equal("m", Read($$"""{"\u006dodel":"m","max_tokens":1,{{Messages}}}""").Model);
        Assert.Equal("model: expected to be given once.", Refused($$"""{"\u006dodel":"m","model":"n","max_tokens":1,{{Messages}}}""").Message);
    }

    [Fact]
    public void Deep_schemas_pass()
    {
        string deep = string.Concat(Enumerable.Repeat("{\"a\":", 200)) + "1" + new string('}', 200);
        Assert.Equal("m", Read($$"""{"model":"m","max_tokens":1,"tools":[{{deep}}],{{Messages}}}""").Model);
    }

    [Fact]
    public void Tools_add_the_prompt_that_the_service_puts_before_them()
    {
        string body = $$"""{"model":"m","max_tokens":1,"tools":[],{{Messages}}}""";
        Assert.Equal(body.Length + RequestReader.ToolPromptTokens, Read(body).InputTokenBound);
    }

    [Theory]
    [InlineData("""{"type":"web_search_20250305","name":"web_search","max_uses":5}""", 5, false)]
    [InlineData("""{"name":"web_search","type":"web_search_20260209"}""", 0, true)]
    [InlineData("""{"type":"web_search_20250305","max_uses":3},{"type":"web_fetch_20250910","max_uses":4}""", 7, false)]
    [InlineData("""{"max_uses":1,"type":"web_search_20250305","max_uses":9}""", 9, false)]
    [InlineData("""{"type":"w\u0065b_search_20250305","max_uses":2}""", 2, false)]
    [InlineData("""{"type":"web_search_20250305","max_uses":null}""", 0, true)]
    [InlineData("""{"type":"web_search_20250305","max_uses":2000000000}""", 10_000, false)]
    [InlineData("""{"name":"web_search","input_schema":{"type":"web_search"}}""", 0, false)]
    [InlineData("""{"type":"custom","name":"f","max_uses":3}""", 0, false)]
    [InlineData("7", 0, false)]
    public void Searches_that_the_provider_may_make_are_counted(string tools, int searches, bool open)
    {
        RequestFacts facts = Read($$"""{"model":"m","max_tokens":1,"tools":[{{tools}}],{{Messages}}}""");
        Assert.Equal((searches, open), (facts.WebSearches, facts.WebSearchesOpen));
        facts = Read($$"""{"model":"m","tools":[{{tools}}],{{Messages}}}""", Dialect.CountTokens);
        Assert.Equal((0, false), (facts.WebSearches, facts.WebSearchesOpen));
    }

    [Theory]
    [InlineData("1h", true)]
    [InlineData("\\u0031h", true)]
    [InlineData("1\\u0068", true)]
    [InlineData("\\u0031\\u0068", true)]
    [InlineData("5m", false)]
    public void A_prompt_that_may_be_cached_for_an_hour_is_seen(string ttl, bool hour) => Assert.Equal(hour, Read(
        """{"model":"m","max_tokens":1,"messages":[{"role":"user","content":[{"type":"text","text":"hi","cache_control":{"type":"ephemeral","ttl":"TTL"}}]}]}""".Replace("TTL", ttl, StringComparison.Ordinal)).HourWrites);

    [Fact]
    public void Openais_requests_say_that_they_search_in_their_own_words()
    {
        Assert.True(Read($$"""{"model":"m","web_search_options":{},{{Messages}}}""", Dialect.OpenAI).WebSearchesOpen);
        Assert.False(Read($$"""{"model":"m","web_search_options":null,{{Messages}}}""", Dialect.OpenAI).WebSearchesOpen);
        Assert.True(Read("""{"model":"m","tools":[{"type":"web_search_preview"}],"input":"a"}""", Dialect.Responses).WebSearchesOpen);
        RequestFacts named = Read("""{"model":"m","max_tool_calls":4,"tools":[{"type":"web_search"}],"input":"a"}""", Dialect.Responses);
        Assert.Equal((4, false), (named.WebSearches, named.WebSearchesOpen));
        Assert.Equal("max_tool_calls", Refused("""{"model":"m","max_tool_calls":"many","input":"a"}""", Dialect.Responses).Param);
    }

    [Theory]
    [InlineData("2023-06-01", true)]
    [InlineData("2026-10-21", true)]
    [InlineData("2026-10-21 ", false)]
    [InlineData("", false)]
    public void Known_versions_are_compared_exactly(string version, bool known) => Assert.Equal(known, AnthropicVersion.IsKnown(version));

    [Theory]
    [InlineData(Dialect.Anthropic, "\"max_tokens\":1024,\"stream\":true,\"messages\":[{\"role\":\"user\",\"content\":[{\"type\":\"text\",\"text\":\"Hi\"}]}]")]
    [InlineData(Dialect.OpenAI, "\"messages\":[{\"role\":\"user\",\"content\":\"Hi\"}]")]
    [InlineData(Dialect.Responses, "\"input\":[{\"role\":\"user\",\"content\":[{\"type\":\"input_text\",\"text\":\"Hi\"}]}]")]
    [InlineData(Dialect.Embeddings, "\"input\":[[1,2,3]]")]
    [InlineData(Dialect.CountTokens, "\"messages\":[{\"role\":\"user\",\"content\":\"Hi\"}]")]
    public void Reading_a_model_met_before_allocates_nothing(Dialect dialect, string rest)
    {
        byte[] body = Encoding.UTF8.GetBytes($$"""{"model":"claude-x",{{rest}}}""");
        for (int i = 0; i < 100; i++) { RequestReader.TryRead(body, dialect, AnthropicVersion.V2026_10_21, out _, out _); }
        long before = GC.GetAllocatedBytesForCurrentThread();
        for (int i = 0; i < 1000; i++) { RequestReader.TryRead(body, dialect, AnthropicVersion.V2026_10_21, out _, out _); }
        // Other tests may put a name into the same place of the table now and then.
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 1000 * 16);
    }
}
