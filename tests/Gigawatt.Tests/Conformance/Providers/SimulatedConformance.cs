using System.Text;
using System.Text.Json;
using Gigawatt.Models;
using Gigawatt.Providers;
using Gigawatt.Providers.Simulated;
using Gigawatt.Units;
using Gigawatt.Wire;
using Xunit;

namespace Gigawatt.Tests.Conformance.Providers;

/// <summary>The simulation answers like a provider, at the pace of its model, and never claims to be real.</summary>
public abstract class SimulatedConformance : ProviderConformance
{
    private static readonly ModelFacts Facts = ModelCatalog.Unknown with
    {
        Name = Model,
        TimeToFirstToken = Duration.FromMilliseconds(100),
        PrefillPerToken = Duration.FromMilliseconds(1),
        TimePerOutputToken = Duration.FromMilliseconds(10),
    };

    private readonly ManualClock _clock = new();
    private SimulatedProvider? _provider;

    protected override IModelProvider Provider => _provider ??= new("simulated", [Facts], _clock);

    // A JSON answer is due at its last token, and nobody moves the clock but the tests: so these take no time at all.
    protected override void PrepareJson() => _provider = new(
        "simulated", [Facts with { TimeToFirstToken = Duration.Zero, PrefillPerToken = Duration.Zero, TimePerOutputToken = Duration.Zero }], _clock);

    protected override void PrepareStream() => _provider = new("simulated", [Facts], _clock);

    protected override void PrepareUnknownModel() => PrepareStream();

    protected override void PrepareModels() => PrepareStream();

    protected override void LetTheFirstEventThrough() => _clock.Advance(FirstToken());

    protected override void LetTheRestThrough() => _clock.Advance(TimeSpan.FromHours(1));

    private TimeSpan FirstToken() => TimeSpan.FromMilliseconds(100 + InputTokens(Request(stream: true)));

    private static int InputTokens(byte[] request) => (request.Length + 3) / 4;

    private async Task<string> TextAsync(string further, bool stream)
    {
        PrepareJson();
        await using ProviderAnswer answer = await Provider.SendAsync(Call(stream) with { Body = Request(stream, Model, further) }, Cancelled);
        return Encoding.UTF8.GetString(await ReadToEndAsync(answer.Body));
    }

    [Fact]
    public async Task The_text_says_that_it_is_simulated() =>
        Assert.Contains("This is a simulated answer: no model ran.", await TextAsync("", stream: false), StringComparison.Ordinal);

    [Fact]
    public async Task The_stream_says_the_same_as_the_document()
    {
        using JsonDocument whole = JsonDocument.Parse(await TextAsync("", stream: false));
        string expected = Dialect switch
        {
            Dialect.Anthropic => whole.RootElement.GetProperty("content")[0].GetProperty("text").GetString()!,
            Dialect.Responses => whole.RootElement.GetProperty("output")[0].GetProperty("content")[0].GetProperty("text").GetString()!,
            _ => whole.RootElement.GetProperty("choices")[0].GetProperty("message").GetProperty("content").GetString()!,
        };
        StringBuilder streamed = new();
        foreach (string line in (await TextAsync("", stream: true)).Split('\n').Where(line => line.StartsWith("data: {", StringComparison.Ordinal)))
        {
            using JsonDocument data = JsonDocument.Parse(line["data: ".Length..]);
            streamed.Append(DeltaText(data.RootElement));
        }

        Assert.Equal(WithoutCount(expected), WithoutCount(streamed.ToString()));
    }

    // The text tells the length of the prompt, and "false" is a byte longer than "true".
    private static string WithoutCount(string text) => string.Concat(text.Where(c => !char.IsAsciiDigit(c)));

    private string? DeltaText(JsonElement data)
    {
        if (Dialect == Dialect.Anthropic)
        {
            return data.TryGetProperty("delta", out JsonElement delta) && delta.TryGetProperty("text", out JsonElement text) ? text.GetString() : null;
        }

        if (Dialect == Dialect.Responses) { return data.TryGetProperty("delta", out JsonElement piece) ? piece.GetString() : null; }
        JsonElement choices = data.GetProperty("choices");
        return choices.GetArrayLength() > 0 && choices[0].GetProperty("delta").TryGetProperty("content", out JsonElement content) ? content.GetString() : null;
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task It_stops_at_the_tokens_asked_for_and_says_why(bool stream)
    {
        (string field, string reason) = Dialect switch
        {
            Dialect.Anthropic => ("max_tokens", "\"stop_reason\":\"max_tokens\""),
            Dialect.Responses => ("max_output_tokens", "\"incomplete_details\":{\"reason\":\"max_output_tokens\"}"),
            _ => ("max_completion_tokens", "\"finish_reason\":\"length\""),
        };
        byte[] request = Encoding.UTF8.GetBytes(Encoding.UTF8.GetString(Request(stream)).Replace("\"max_tokens\":1024,", "", StringComparison.Ordinal)
            .Replace("{\"model\"", $"{{\"{field}\":3,\"model\"", StringComparison.Ordinal));
        PrepareJson();
        await using ProviderAnswer answer = await Provider.SendAsync(Call(stream) with { Body = request }, Cancelled);
        byte[] body = await ReadToEndAsync(answer.Body);
        StreamMeter meter = new(Dialect);
        meter.Feed(body);
        long output = stream ? meter.Usage.Output : AnswerReader.TryReadUsage(body, Dialect, out TokenUsage usage) ? usage.Output : -1;
        Assert.Equal(3, output);
        Assert.Contains(reason, Encoding.UTF8.GetString(body), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_stream_keeps_the_pace_of_the_model()
    {
        PrepareStream();
        await using ProviderAnswer answer = await Provider.SendAsync(Call(stream: true), Cancelled);
        byte[] buffer = new byte[64 * 1024];

        ValueTask<int> first = answer.Body.ReadAsync(buffer, Cancelled);
        _clock.Advance(FirstToken() - TimeSpan.FromMilliseconds(1));
        Assert.False(first.IsCompleted);
        _clock.Advance(TimeSpan.FromMilliseconds(1));
        string head = Encoding.UTF8.GetString(buffer, 0, await first);
        Assert.Contains("This", head, StringComparison.Ordinal);
        Assert.DoesNotContain(" is", head, StringComparison.Ordinal);

        // Two token times later, two tokens are there at once.
        _clock.Advance(TimeSpan.FromMilliseconds(20));
        string next = Encoding.UTF8.GetString(buffer, 0, await answer.Body.ReadAsync(buffer, Cancelled));
        Assert.Contains("\" is\"", next, StringComparison.Ordinal);
        Assert.Contains("\" a\"", next, StringComparison.Ordinal);
        Assert.DoesNotContain(" simulated", next, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_document_comes_when_its_last_token_is_due()
    {
        PrepareStream();
        ProviderCall call = Call(stream: false);
        int tokens = (await TextAsync("", stream: false)).Split("\":\"This")[1].Split('"')[0].Split(' ').Length; // a word is a token
        PrepareStream();
        await using ProviderAnswer answer = await Provider.SendAsync(call, Cancelled);
        ValueTask<int> read = answer.Body.ReadAsync(new byte[64 * 1024], Cancelled);
        TimeSpan due = TimeSpan.FromMilliseconds(100 + InputTokens(call.Body.ToArray()) + (tokens - 1) * 10);
        _clock.Advance(due - TimeSpan.FromMilliseconds(1));
        Assert.False(read.IsCompleted);
        _clock.Advance(TimeSpan.FromMilliseconds(1));
        Assert.True(await read > 0);
    }

    [Fact]
    public async Task A_body_that_is_not_a_request_is_refused_in_the_dialect()
    {
        await using ProviderAnswer answer = await Provider.SendAsync(Call(stream: false) with { Body = "[]"u8.ToArray() }, Cancelled);
        Assert.Equal(400, answer.Status);
    }
}

/// <summary>The simulation in the Anthropic dialect.</summary>
public sealed class SimulatedAnthropicConformance : SimulatedConformance
{
    protected override Dialect Dialect => Dialect.Anthropic;

    [Fact]
    public async Task Events_come_in_the_order_of_the_protocol()
    {
        PrepareJson();
        await using ProviderAnswer answer = await Provider.SendAsync(Call(stream: true), Cancelled);
        string body = Encoding.UTF8.GetString(await ReadToEndAsync(answer.Body));
        string[] names = [.. body.Split('\n').Where(line => line.StartsWith("event: ", StringComparison.Ordinal)).Select(line => line["event: ".Length..])];
        Assert.Equal(["message_start", "content_block_start"], names[..2]);
        Assert.All(names[2..^3], name => Assert.Equal("content_block_delta", name));
        Assert.Equal(["content_block_stop", "message_delta", "message_stop"], names[^3..]);
    }
}

/// <summary>The simulation in the OpenAI dialect.</summary>
public sealed class SimulatedOpenAIConformance : SimulatedConformance
{
    protected override Dialect Dialect => Dialect.OpenAI;

    [Fact]
    public async Task Usage_is_in_the_stream_only_when_it_was_asked_for()
    {
        PrepareJson();
        byte[] request = """{"model":"sim-one","messages":[{"role":"user","content":"Hello"}],"stream":true}"""u8.ToArray();
        await using ProviderAnswer answer = await Provider.SendAsync(Call(stream: true) with { Body = request }, Cancelled);
        string body = Encoding.UTF8.GetString(await ReadToEndAsync(answer.Body));
        Assert.DoesNotContain("usage", body, StringComparison.Ordinal);
        Assert.EndsWith("data: [DONE]\n\n", body, StringComparison.Ordinal);
    }

    [Fact]
    public async Task More_than_one_choice_is_refused_rather_than_forgotten()
    {
        await using ProviderAnswer answer = await Provider.SendAsync(Call(stream: false) with { Body = Request(stream: false, Model, ",\"n\":2") }, Cancelled);
        Assert.Equal(400, answer.Status);
    }
}

/// <summary>The simulation in the format of OpenAI responses.</summary>
public sealed class SimulatedResponsesConformance : SimulatedConformance
{
    protected override Dialect Dialect => Dialect.Responses;

    [Fact]
    public async Task Events_are_numbered_and_come_in_the_order_of_the_protocol()
    {
        PrepareJson();
        await using ProviderAnswer answer = await Provider.SendAsync(Call(stream: true), Cancelled);
        string[] lines = Encoding.UTF8.GetString(await ReadToEndAsync(answer.Body)).Split('\n');
        string[] names = [.. lines.Where(line => line.StartsWith("event: ", StringComparison.Ordinal)).Select(line => line["event: ".Length..])];
        Assert.Equal(["response.created", "response.in_progress", "response.output_item.added", "response.content_part.added"], names[..4]);
        Assert.All(names[4..^4], name => Assert.Equal("response.output_text.delta", name));
        Assert.Equal(["response.output_text.done", "response.content_part.done", "response.output_item.done", "response.completed"], names[^4..]);
        int[] numbers = [.. lines.Where(line => line.StartsWith("data: ", StringComparison.Ordinal)).Select(line => JsonDocument.Parse(line[6..]).RootElement.GetProperty("sequence_number").GetInt32())];
        Assert.Equal(Enumerable.Range(0, names.Length), numbers);
    }
}

/// <summary>The simulation's embeddings and counts of tokens.</summary>
public sealed class SimulatedCountsTests
{
    private static readonly ModelFacts Facts = ModelCatalog.Unknown with { Name = "sim-one", TimeToFirstToken = Duration.Zero, PrefillPerToken = Duration.Zero };

    private static async Task<(int Status, JsonElement Body)> CallAsync(Dialect dialect, string body)
    {
        SimulatedProvider provider = new("simulated", [Facts], new ManualClock());
        await using ProviderAnswer answer = await provider.SendAsync(new(dialect, "sim-one", false, Encoding.UTF8.GetBytes(body), []), TestContext.Current.CancellationToken);
        using MemoryStream all = new();
        await answer.Body.CopyToAsync(all, TestContext.Current.CancellationToken);
        return (answer.Status, JsonDocument.Parse(all.ToArray()).RootElement);
    }

    private static async Task<float[][]> EmbedAsync(string further)
    {
        (int status, JsonElement body) = await CallAsync(Dialect.Embeddings, $$"""{"model":"sim-one",{{further}}}""");
        Assert.Equal(200, status);
        Assert.True(body.GetProperty("usage").GetProperty("prompt_tokens").GetInt32() > 0);
        return [.. body.GetProperty("data").EnumerateArray().Select(one => one.GetProperty("embedding")).Select(e => e.ValueKind == JsonValueKind.String
            ? System.Runtime.InteropServices.MemoryMarshal.Cast<byte, float>(e.GetBytesFromBase64()).ToArray()
            : e.EnumerateArray().Select(v => v.GetSingle()).ToArray())];
    }

    [Fact]
    public async Task An_input_has_the_same_direction_always_and_in_both_encodings()
    {
        float[][] numbers = await EmbedAsync("\"input\":[\"Hello\",\"World\"],\"dimensions\":8");
        float[][] base64 = await EmbedAsync("\"input\":[\"Hello\",\"World\"],\"dimensions\":8,\"encoding_format\":\"base64\"");
        Assert.Equal(numbers, base64);
        Assert.NotEqual(numbers[0], numbers[1]);
        Assert.All(numbers, vector => Assert.Equal(1.0, vector.Sum(v => v * (double)v), 5));
        Assert.Equal(numbers[0], (await EmbedAsync("\"input\":\"Hello\",\"dimensions\":8"))[0]);
    }

    [Theory]
    [InlineData("\"input\":\"Hello\"", 1, 256)]
    [InlineData("\"input\":[1,2,3]", 1, 256)]
    [InlineData("\"input\":[[1,2],[3]],\"dimensions\":3", 2, 3)]
    public async Task Texts_and_tokens_are_taken_alone_and_in_lists(string request, int inputs, int dimensions)
    {
        float[][] vectors = await EmbedAsync(request);
        Assert.Equal((inputs, dimensions), (vectors.Length, vectors[0].Length));
    }

    [Theory]
    [InlineData("\"input\":\"x\",\"dimensions\":0")]
    [InlineData("\"input\":\"x\",\"dimensions\":\"many\"")]
    [InlineData("\"input\":[]")]
    [InlineData("\"text\":\"x\"")]
    public async Task What_cannot_be_embedded_is_refused(string request)
    {
        (int status, JsonElement body) = await CallAsync(Dialect.Embeddings, $$"""{"model":"sim-one",{{request}}}""");
        Assert.Equal(400, status);
        Assert.NotEmpty(body.GetProperty("error").GetProperty("message").GetString()!);
    }

    [Fact]
    public async Task Tokens_are_counted_as_an_answer_bills_them()
    {
        const string prompt = "\"model\":\"sim-one\",\"messages\":[{\"role\":\"user\",\"content\":\"How long is this?\"}]";
        (_, JsonElement count) = await CallAsync(Dialect.CountTokens, $"{{{prompt}}}");
        (_, JsonElement answer) = await CallAsync(Dialect.Anthropic, $"{{{prompt},\"max_tokens\":1}}");
        Assert.InRange(answer.GetProperty("usage").GetProperty("input_tokens").GetInt32() - count.GetProperty("input_tokens").GetInt32(), 0, 5);
    }
}
