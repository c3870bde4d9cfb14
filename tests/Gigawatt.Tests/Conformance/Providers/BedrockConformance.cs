using System.Buffers.Binary;
using System.Text;
using System.Text.RegularExpressions;
using Gigawatt.Models;
using Gigawatt.Providers;
using Gigawatt.Providers.Bedrock;
using Gigawatt.Tests.Support;
using Xunit;

namespace Gigawatt.Tests.Conformance.Providers;

/// <summary>Claude on Amazon Bedrock.</summary>
public sealed partial class BedrockConformance : AnthropicFormatConformance
{
    private const string Throttled = """{"message":"Too many tokens, please wait before trying again."}""";

    protected override Uri BaseUrl { get; } = new("http://bedrock-runtime.us-east-1.amazonaws.com");

    protected override IReadOnlyDictionary<Dialect, string> Paths { get; } = new Dictionary<Dialect, string>
    {
        [Dialect.Anthropic] = "/model/sim-one/invoke",
        [Dialect.CountTokens] = "/model/sim-one/count-tokens",
    };

    protected override string[] OwnHeaders => ["Host", "Content-Length", "Content-Type", "Accept", "Authorization", "X-Amz-Date", "X-Amz-Security-Token"];

    protected override string[] HeadersThatEndHere => ["Content-Type", "anthropic-version", "anthropic-beta"];

    protected override bool QueryGoesThrough => false;

    protected override bool CallsWithoutKey => false;

    protected override bool ListsModels => false;

    protected override bool StreamBytesGoThrough => false;

    protected override string NotFound => """{"message":"The provided model identifier is invalid."}""";

    protected override byte[] StreamHead { get; } =
        "HTTP/1.1 200 OK\r\nContent-Type: application/vnd.amazon.eventstream\r\nx-amzn-RequestId: 7c0e\r\nTransfer-Encoding: chunked\r\n\r\n"u8.ToArray();

    // The tested provider signs; where a test gives it the file of a key, it is called with that.
    protected override IModelProvider NewProvider(HttpProviderOptions options) => new BedrockProvider(
        "upstream", "us-east-1", options.ApiKeyFile is null ? options with { ApiKey = null } : options, new FixedKeys("AKIDEXAMPLE", "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY", "session-token"));

    protected override void AssertCredential(UpstreamRequest request)
    {
        Assert.StartsWith("AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20261123/us-east-1/bedrock/aws4_request, SignedHeaders=content-type;host;x-amz-date;x-amz-security-token, Signature=",
            request.Header("authorization"), StringComparison.Ordinal);
        Assert.Equal(("20261123T120000Z", "session-token"), (request.Header("x-amz-date"), request.Header("x-amz-security-token")));
        Assert.Null(request.Header("x-api-key"));
    }

    protected override byte[] Expected(byte[] body, Dialect dialect)
    {
        const string version = "\"anthropic_version\":\"bedrock-2023-05-31\"";
        string text = Encoding.UTF8.GetString(body);
        if (dialect == Dialect.Anthropic) { return Encoding.UTF8.GetBytes(ModelField().Replace(text, $"{{{version},")); }
        string inside = ModelField().Replace(text, $"{{{version},\"max_tokens\":1024,");
        return Encoding.UTF8.GetBytes("""{"input":{"invokeModel":{"body":"BODY"}}}""".Replace("BODY", Convert.ToBase64String(Encoding.UTF8.GetBytes(inside)), StringComparison.Ordinal));
    }

    protected override string JsonOf(Dialect dialect) => dialect == Dialect.Anthropic ? Json : """{"inputTokens":9}""";

    protected override byte[] Encode(string @event) => Chunk(@event[(@event.IndexOf("data: ", StringComparison.Ordinal) + "data: ".Length)..^2]);

    /// <summary>A message with headers that are text.</summary>
    internal static byte[] Frame(string payload, params (string Name, string Value)[] headers)
    {
        MemoryStream frame = new();
        byte[] head = [.. headers.SelectMany(h => (byte[])[(byte)h.Name.Length, .. Encoding.UTF8.GetBytes(h.Name), 7, (byte)(h.Value.Length >> 8), (byte)h.Value.Length, .. Encoding.UTF8.GetBytes(h.Value)])];
        byte[] body = Encoding.UTF8.GetBytes(payload);
        Write(16 + head.Length + body.Length);
        Write(head.Length);
        Write((int)System.IO.Hashing.Crc32.HashToUInt32(frame.ToArray()));
        frame.Write(head);
        frame.Write(body);
        Write((int)System.IO.Hashing.Crc32.HashToUInt32(frame.ToArray()));
        return frame.ToArray();

        void Write(int value)
        {
            byte[] bytes = new byte[4];
            BinaryPrimitives.WriteInt32BigEndian(bytes, value);
            frame.Write(bytes);
        }
    }

    private static byte[] Chunk(string json) => Frame(
        $$"""{"bytes":"{{Convert.ToBase64String(Encoding.UTF8.GetBytes(json))}}","p":"abcdefgh"}""",
        (":event-type", "chunk"), (":content-type", "application/json"), (":message-type", "event"));

    private async Task<(int Status, string Body)> CallAsync(ProviderCall call)
    {
        await using ProviderAnswer answer = await Provider.SendAsync(call, Cancelled);
        return (answer.Status, Encoding.UTF8.GetString(await ReadToEndAsync(answer.Body)));
    }

    [Fact]
    public async Task Headers_of_aws_that_a_client_sends_do_not_go_on()
    {
        PrepareJson();
        await CallAsync(Call(stream: false) with { Headers = [new("X-Amz-Date", "19990101T000000Z"), new("x-amzn-bedrock-service-tier", "priority"), new("X-Amz-Security-Token", "stolen")] });
        UpstreamRequest request = await Upstream.NextRequestAsync(Cancelled);
        AssertCredential(request);
        Assert.DoesNotContain("tier", request.Head, StringComparison.OrdinalIgnoreCase);
        Assert.DoesNotContain("stolen", request.Head, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_models_address_is_escaped_and_signed_as_aws_wants_it()
    {
        PrepareJson();
        await CallAsync(Call(stream: true, "arn:aws:bedrock:us-east-1:1:inference-profile/us.anthropic.claude-v1:0"));
        Assert.Equal("POST /model/arn%3Aaws%3Abedrock%3Aus-east-1%3A1%3Ainference-profile%2Fus.anthropic.claude-v1%3A0/invoke-with-response-stream HTTP/1.1", Upstream.Requests[0].RequestLine);
        await CallAsync(Call(stream: false, ".."));
        Assert.Equal("POST /model/%252E%252E/invoke HTTP/1.1", Upstream.Requests[1].RequestLine);
        await CallAsync(Call(stream: false, "us.anthropic.claude-v1:0") with { Dialect = Dialect.Anthropic });
        Assert.Equal("POST /model/us.anthropic.claude-v1%3A0/invoke HTTP/1.1", Upstream.Requests[2].RequestLine);
    }

    [Fact]
    public async Task Tokens_are_counted_by_the_model_behind_an_inference_profile()
    {
        Upstream.Add(UpstreamScript.Send(RawHttp.Json(200, """{"inputTokens":1234}""")));
        (int status, string body) = await CallAsync(Call(stream: false, "eu.anthropic.claude-v1:0") with { Dialect = Dialect.CountTokens });
        Assert.Equal((200, """{"input_tokens":1234}"""), (status, body));
        Assert.Equal("POST /model/anthropic.claude-v1%3A0/count-tokens HTTP/1.1", Upstream.Requests[0].RequestLine);
    }

    [Fact]
    public async Task A_count_that_has_no_number_is_never_answered_as_zero()
    {
        Upstream.Add(UpstreamScript.Send(RawHttp.Json(200, "{}")));
        await Assert.ThrowsAsync<ProviderException>(() => CallAsync(Call(stream: false) with { Dialect = Dialect.CountTokens }));
    }

    [Theory]
    [InlineData(400, "ValidationException:http://internal.amazon.com/", 400, "invalid_request_error")]
    [InlineData(403, "AccessDeniedException", 403, "permission_error")]
    [InlineData(403, "ExpiredTokenException", 401, "authentication_error")]
    [InlineData(404, "ResourceNotFoundException", 404, "not_found_error")]
    [InlineData(429, "ThrottlingException", 429, "rate_limit_error")]
    [InlineData(400, "ServiceQuotaExceededException", 429, "rate_limit_error")]
    [InlineData(408, "ModelTimeoutException", 504, "timeout_error")]
    [InlineData(424, "ModelErrorException", 500, "api_error")]
    [InlineData(429, "ModelNotReadyException", 529, "overloaded_error")]
    [InlineData(500, "InternalServerException", 500, "api_error")]
    [InlineData(503, "ServiceUnavailableException", 529, "overloaded_error")]
    [InlineData(503, "SomethingNewException", 529, "overloaded_error")]
    [InlineData(418, null, 400, "invalid_request_error")]
    public async Task An_error_of_bedrock_becomes_the_one_that_anthropic_would_send(int status, string? type, int expectedStatus, string expectedType)
    {
        string header = type is null ? "" : $"x-amzn-ErrorType: {type}\r\n";
        Upstream.Add(UpstreamScript.Send(RawHttp.Answer(status, $"content-type: application/json\r\nx-amzn-RequestId: 7c0e\r\nretry-after: 3\r\n{header}", Encoding.UTF8.GetBytes(Throttled))));
        await using ProviderAnswer answer = await Provider.SendAsync(Call(stream: true), Cancelled);
        string body = Encoding.UTF8.GetString(await ReadToEndAsync(answer.Body));
        Assert.Equal(expectedStatus, answer.Status);
        Assert.Equal($$"""{"type":"error","error":{"type":"{{expectedType}}","message":"Too many tokens, please wait before trying again."},"request_id":"7c0e"}""", body);
        Assert.Equal(("application/json", body.Length.ToString(System.Globalization.CultureInfo.InvariantCulture), "3"), (Header(answer, "content-type"), Header(answer, "content-length"), Header(answer, "retry-after")));
    }

    [Theory]
    [InlineData(":exception-type", "throttlingException", "exception", "rate_limit_error")]
    [InlineData(":exception-type", "modelStreamErrorException", "exception", "api_error")]
    [InlineData(":exception-type", "serviceUnavailableException", "exception", "overloaded_error")]
    [InlineData(":error-code", "InternalServerException", "error", "api_error")]
    public async Task A_failure_within_the_stream_becomes_the_error_event(string name, string value, string messageType, string expected)
    {
        byte[] failure = Frame(Throttled, (":message-type", messageType), (name, value), (":error-message", "Too many tokens, please wait before trying again."));
        Upstream.Add(UpstreamScript.Send(StreamHead, RawHttp.Chunk([.. Encode(Events[0]), .. failure]), RawHttp.LastChunk));
        (int status, string body) = await CallAsync(Call(stream: true));
        Assert.Equal(200, status);
        Assert.Equal(
            Events[0] + $$"""
            event: error
            data: {"type":"error","error":{"type":"{{expected}}","message":"Too many tokens, please wait before trying again."},"request_id":"7c0e"}


            """.ReplaceLineEndings("\n"),
            body);
    }

    [Fact]
    public async Task A_stream_is_the_same_however_its_bytes_are_split()
    {
        byte[] all = [.. Events.SelectMany(Encode)];
        foreach (int size in (int[])[1, 3, 11, 12, 13, 97, 100_000])
        {
            Upstream.Add(UpstreamScript.Send([StreamHead, .. all.Chunk(size).Select(piece => RawHttp.Chunk(piece)), RawHttp.LastChunk]));
            Assert.Equal((200, string.Concat(Events)), await CallAsync(Call(stream: true)));
        }
    }

    [Fact]
    public async Task A_stream_that_was_changed_on_its_way_breaks_off_where_it_was_changed()
    {
        byte[] second = Encode(Events[1]);
        second[^20] ^= 1;
        Upstream.Add(UpstreamScript.Send(StreamHead, RawHttp.Chunk([.. Encode(Events[0]), .. second]), RawHttp.LastChunk));
        await using ProviderAnswer answer = await Provider.SendAsync(Call(stream: true), Cancelled);
        byte[] buffer = new byte[8192];
        int read = await answer.Body.ReadAsync(buffer, Cancelled);
        Assert.Equal(Events[0], Encoding.UTF8.GetString(buffer, 0, read));
        IOException broken = await Assert.ThrowsAsync<IOException>(() => ReadToEndAsync(answer.Body));
        Assert.Equal("it is not the event stream that Bedrock sends: the checksum of a message is wrong", broken.Message);
    }

    [Fact]
    public async Task An_end_within_a_message_is_not_a_clean_end()
    {
        Upstream.Add(UpstreamScript.Send(StreamHead, RawHttp.Chunk([.. Encode(Events[0]), .. Encode(Events[1])[..^1]]), RawHttp.LastChunk));
        await Assert.ThrowsAsync<IOException>(() => CallAsync(Call(stream: true)));
    }

    [Fact]
    public async Task Line_feeds_in_an_events_json_do_not_end_its_line()
    {
        Upstream.Add(UpstreamScript.Send(StreamHead, RawHttp.Chunk(Chunk("{\n \"type\":\r\n\"ping\"}")), RawHttp.LastChunk));
        Assert.Equal((200, "event: ping\ndata: {  \"type\":  \"ping\"}\n\n"), await CallAsync(Call(stream: true)));
    }

    [Fact]
    public async Task Without_credentials_it_says_so()
    {
        BedrockProvider provider = new("upstream", "us-east-1", Options(Upstream.Url) with { ApiKey = null }, new NoKeys());
        ProviderException failure = await Assert.ThrowsAsync<ProviderException>(() => provider.SendAsync(Call(stream: false), Cancelled).AsTask());
        Assert.Equal("upstream is not called: no AWS credentials could be had (nothing found)", failure.Message);
    }

    [Theory]
    [InlineData("us-east-1", "https://bedrock-runtime.us-east-1.amazonaws.com/")]
    [InlineData("cn-north-1", "https://bedrock-runtime.cn-north-1.amazonaws.com.cn/")]
    public void A_region_has_its_address(string region, string address) => Assert.Equal(address, BedrockProvider.AddressOf(region).AbsoluteUri);

    [GeneratedRegex("^\\{ ?\"model\" ?:\"sim-one\",")]
    private static partial Regex ModelField();

    private sealed class FixedKeys(string access, string secret, string? token) : IAwsKeySource
    {
        public ValueTask<AwsKeys> GetAsync() => new(new AwsKeys(access, secret, token));
    }

    private sealed class NoKeys : IAwsKeySource
    {
        public ValueTask<AwsKeys> GetAsync() => throw new InvalidOperationException("nothing found.\nLook elsewhere.");
    }
}
