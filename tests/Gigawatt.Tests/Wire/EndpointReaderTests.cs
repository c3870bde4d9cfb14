using System.Text;
using Gigawatt.Models;
using Gigawatt.Wire;

namespace Gigawatt.Tests.Wire;

/// <summary>Bodies of responses, embeddings and token counts.</summary>
public sealed class EndpointReaderTests
{
    private static RequestFacts Read(string body, Dialect dialect)
    {
        Assert.True(RequestReader.TryRead(Encoding.UTF8.GetBytes(body), dialect, null, out RequestFacts facts, out ApiError? error), error?.Message);
        return facts;
    }

    private static string Refused(string body, Dialect dialect)
    {
        Assert.False(RequestReader.TryRead(Encoding.UTF8.GetBytes(body), dialect, null, out _, out ApiError? error));
        return error.Message;
    }

    [Theory]
    [InlineData("\"input\":\"Hi\"")]
    [InlineData("\"input\":[]")]
    [InlineData("\"input\":[{\"type\":\"message\",\"role\":\"user\",\"content\":\"Hi\"},{\"type\":\"function_call_output\",\"call_id\":\"c\",\"output\":\"x\"}]")]
    [InlineData("\"input\":\"Hi\",\"background\":false,\"conversation\":null,\"store\":true,\"previous_response_id\":\"resp_1\"")]
    public void A_response_is_bounded_by_its_bytes(string fields)
    {
        string body = $$"""{"model":"m","max_output_tokens":7,"stream":true,{{fields}}}""";
        Assert.Equal(new RequestFacts("m", true, 7, body.Length), Read(body, Dialect.Responses));
    }

    [Theory]
    [InlineData("", "input: expected a text or an array of items; it is missing.")]
    [InlineData(",\"input\":5", "input: expected a text or an array of items.")]
    [InlineData(",\"input\":[5]", "input[0]: expected an object.")]
    [InlineData(",\"input\":\"x\",\"background\":true", "background: expected false; responses in the background are not offered here.")]
    [InlineData(",\"input\":\"x\",\"conversation\":\"c\"", "conversation: expected to be absent; conversations are not kept here, use previous_response_id.")]
    [InlineData(",\"input\":\"x\",\"previous_response_id\":5", "previous_response_id: expected the id of a response.")]
    [InlineData(",\"input\":\"x\",\"store\":\"no\"", "store: expected true or false.")]
    [InlineData(",\"input\":\"x\",\"max_output_tokens\":0", "max_output_tokens: expected a whole number of at least 1.")]
    [InlineData(",\"input\":\"x\",\"input\":\"y\"", "input: expected to be given once.")]
    public void A_wrong_response_is_refused(string fields, string message) => Assert.Equal(message, Refused($$"""{"model":"m"{{fields}}}""", Dialect.Responses));

    [Fact]
    public void A_prompt_kept_at_the_provider_is_bounded_by_a_context()
    {
        const string Body = """{"model":"m","prompt":{"id":"pmpt_1"}}""";
        Assert.Equal(Body.Length + MediaBounds.TokensPerDocument, Read(Body, Dialect.Responses).InputTokenBound);
    }

    [Theory]
    [InlineData("{\"role\":\"user\",\"content\":[{\"type\":\"input_image\",\"image_url\":\"https://x\"}]}", MediaBounds.TokensPerImage)]
    [InlineData("{\"type\":\"function_call_output\",\"output\":[{\"type\":\"input_image\",\"file_id\":\"f\"}]}", MediaBounds.TokensPerImage)]
    [InlineData("{\"type\":\"computer_call_output\",\"output\":{\"type\":\"computer_screenshot\",\"image_url\":\"https://x\"}}", MediaBounds.TokensPerImage)]
    [InlineData("{\"role\":\"user\",\"content\":[{\"type\":\"input_file\",\"file_id\":\"f\"}]}", MediaBounds.TokensPerDocument)]
    [InlineData("{\"type\":\"function_call\",\"arguments\":\"{\\\"type\\\":\\\"input_image\\\"}\"}", 0)]
    public void Pictures_and_files_of_a_response_count_by_their_kind(string item, int bound)
    {
        string body = $$"""{"model":"m","input":[{{item}}]}""";
        Assert.Equal(body.Length + bound, Read(body, Dialect.Responses).InputTokenBound);
    }

    [Theory]
    [InlineData("\"some text\"", null)]
    [InlineData("[\"a\",\"b\"]", null)]
    [InlineData("[1,2,3]", 3)]
    [InlineData("[[100000,2],[3]]", 3)]
    public void Embeddings_are_bounded_by_bytes_or_by_tokens(string input, int? tokens)
    {
        string body = $$"""{"model":"m","encoding_format":"base64","dimensions":8,"stream":true,"max_tokens":5,"input":{{input}}}""";
        Assert.Equal(new RequestFacts("m", false, 0, tokens ?? body.Length), Read(body, Dialect.Embeddings));
    }

    [Theory]
    [InlineData("\"x\":1", "input: expected a text, an array of texts, or arrays of tokens; it is missing.")]
    [InlineData("\"input\":[]", "input: expected a text, an array of texts, an array of tokens, or an array of such arrays; it is empty.")]
    [InlineData("\"input\":[[]]", "input[0]: expected at least one token.")]
    [InlineData("\"input\":[1,\"a\"]", "input[1]: expected to be of one kind with the others.")]
    [InlineData("\"input\":[[1,-1]]", "input[0]: expected an array of tokens, which are whole numbers.")]
    [InlineData("\"input\":[1.5]", "input[0]: expected a text, a token or an array of tokens.")]
    [InlineData("\"input\":[{}]", "input[0]: expected a text, a token or an array of tokens.")]
    [InlineData("\"input\":\"a\",\"encoding_format\":\"int8\"", "encoding_format: expected float or base64.")]
    [InlineData("\"input\":\"a\",\"dimensions\":0", "dimensions: expected a whole number of at least 1.")]
    public void Wrong_embeddings_are_refused(string fields, string message) => Assert.Equal(message, Refused($$"""{"model":"m",{{fields}}}""", Dialect.Embeddings));

    [Fact]
    public void Too_many_inputs_are_refused_and_many_tokens_are_not()
    {
        string many = string.Join(',', Enumerable.Repeat("\"a\"", RequestReader.EmbeddingInputsLimit + 1));
        Assert.Contains("at most 2048 inputs", Refused($$"""{"model":"m","input":[{{many}}]}""", Dialect.Embeddings), StringComparison.Ordinal);
        Assert.Equal(5_000, Read($$"""{"model":"m","input":[{{string.Join(',', Enumerable.Repeat("7", 5_000))}}]}""", Dialect.Embeddings).InputTokenBound);
    }

    [Fact]
    public void A_count_needs_no_bound_and_gives_no_answer_tokens()
    {
        const string Body = """{"model":"m","messages":[{"role":"user","content":"x"}]}""";
        Assert.Equal(new RequestFacts("m", false, 0, Body.Length), Read(Body, Dialect.CountTokens));
        Assert.StartsWith("messages:", Refused("""{"model":"m"}""", Dialect.CountTokens), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("{\"role\":\"assistant\",\"content\":[{\"type\":\"text\",\"text\":\"a\"},{\"type\":\"document\",\"source\":{}}]}", "messages.1.content.1: expected no document block in an assistant message")]
    [InlineData("{\"content\":[{\"source\":{},\"type\":\"document\"}],\"role\":\"assistant\"}", "messages.1.content.0: expected no document block in an assistant message")]
    [InlineData("{\"role\":\"user\",\"content\":[{\"type\":\"text\",\"text\":\"a\",\"citations\":[{}]}]}", "messages.1.content.0.citations: expected no citations in a user message")]
    [InlineData("{\"role\":\"user\",\"content\":[{\"type\":\"search_result\",\"citations\":{\"enabled\":true},\"content\":[{\"type\":\"text\",\"text\":\"x\"},{\"citations\":[1],\"type\":\"text\",\"text\":\"x\"}]}]}", "messages.1.content.0.content.1.citations: expected no citations")]
    [InlineData("{\"role\":\"user\",\"content\":[{\"type\":\"tool_result\",\"tool_use_id\":\"t\",\"content\":[{\"type\":\"search_result\",\"content\":[{\"type\":\"text\",\"text\":\"x\",\"citations\":[[]]}]}]}]}", "messages.1.content.0.content.0.content.0.citations: expected no citations")]
    public void The_new_version_refuses_documents_of_assistants_and_citations_of_users(string message, string expected)
    {
        foreach (Dialect dialect in (Dialect[])[Dialect.Anthropic, Dialect.CountTokens])
        {
            byte[] body = Encoding.UTF8.GetBytes($$"""{"model":"m","max_tokens":1,"messages":[{"role":"user","content":"q"},{{message}}]}""");
            Assert.False(RequestReader.TryRead(body, dialect, AnthropicVersion.V2026_10_21, out _, out ApiError? error));
            Assert.StartsWith(expected, error.Message, StringComparison.Ordinal);
            Assert.EndsWith("under anthropic-version 2026-10-21.", error.Message, StringComparison.Ordinal);
            Assert.True(RequestReader.TryRead(body, dialect, AnthropicVersion.V2023_06_01, out _, out _));
        }
    }

    [Theory]
    [InlineData("{\"role\":\"user\",\"content\":[{\"type\":\"document\",\"source\":{},\"citations\":{\"enabled\":true}}]}")]
    [InlineData("{\"role\":\"user\",\"content\":[{\"type\":\"text\",\"text\":\"a\",\"citations\":[]},{\"type\":\"text\",\"text\":\"b\",\"citations\":null}]}")]
    [InlineData("{\"role\":\"assistant\",\"content\":[{\"type\":\"text\",\"text\":\"a\",\"citations\":[{\"type\":\"char_location\"}]}]}")]
    [InlineData("{\"role\":\"assistant\",\"content\":[{\"type\":\"tool_use\",\"id\":\"t\",\"name\":\"n\",\"input\":{\"content\":[{\"type\":\"document\"}]}}]}")]
    [InlineData("{\"role\":\"user\",\"content\":[{\"type\":\"image\",\"source\":{},\"citations\":[1]}]}")]
    public void The_new_version_takes_what_is_only_like_it(string message) =>
        Assert.True(RequestReader.TryRead(Encoding.UTF8.GetBytes($$"""{"model":"m","max_tokens":1,"messages":[{{message}}]}"""), Dialect.Anthropic, AnthropicVersion.V2026_10_21, out _, out _));
}
