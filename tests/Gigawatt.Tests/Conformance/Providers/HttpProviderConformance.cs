using System.Net;
using System.Text;
using Gigawatt.Models;
using Gigawatt.Providers;
using Gigawatt.Tests.Support;
using Xunit;

namespace Gigawatt.Tests.Conformance.Providers;

/// <summary>What every provider behind HTTP does: bytes are equal in both directions, and only the credentials differ.</summary>
public abstract class HttpProviderConformance : ProviderConformance
{
    protected const string Key = "provider-key";

    private readonly ManualClock _clock = new();
    private IModelProvider? _provider;
    private UpstreamScript? _stream;
    private int _held;

    protected ScriptedUpstream Upstream { get; } = ScriptedUpstream.Start();

    protected override IModelProvider Provider => _provider ??= NewProvider(Options(Upstream.Url));

    /// <summary>The address that is configured. Its name leads to the scripted upstream.</summary>
    protected abstract Uri BaseUrl { get; }

    /// <summary>The path that calls of the tested format go to.</summary>
    protected string Path => Paths[Dialect];

    /// <summary>The path of each format it answers in, for calls that ask for no stream, with its query.</summary>
    protected abstract IReadOnlyDictionary<Dialect, string> Paths { get; }

    /// <summary>Whether the client's query string goes on.</summary>
    protected virtual bool QueryGoesThrough => true;

    /// <summary>The headers of a request that are the provider's own.</summary>
    protected virtual string[] OwnHeaders => ["Host", "Content-Length", "x-api-key", "Authorization"];

    /// <summary>Headers of the client that this provider does not get because what they say is elsewhere.</summary>
    protected virtual string[] HeadersThatEndHere => [];

    /// <summary>Whether a call without a key goes out without credentials.</summary>
    protected virtual bool CallsWithoutKey => true;

    /// <summary>Whether it can be called with a key at all.</summary>
    protected virtual bool HasKeys => true;

    /// <summary>The events of a stream, whole.</summary>
    protected abstract string[] Events { get; }

    protected abstract string Json { get; }

    protected abstract string Models { get; }

    /// <summary>How it says that there is no such model.</summary>
    protected abstract string NotFound { get; }

    /// <summary>An answer to a call in another of its formats.</summary>
    protected virtual string JsonOf(Dialect dialect) => dialect == Dialect ? Json : """{"input_tokens":9,"usage":{"prompt_tokens":9,"total_tokens":9}}""";

    protected abstract IModelProvider NewProvider(HttpProviderOptions options);

    protected abstract void AssertCredential(UpstreamRequest request);

    /// <summary>The body that must reach the provider when the client sends this one.</summary>
    protected virtual byte[] Expected(byte[] body, Dialect dialect) => body;

    /// <summary>The head of a stream as the provider sends it.</summary>
    protected virtual byte[] StreamHead => RawHttp.EventStreamHead();

    /// <summary>An event as the provider sends it.</summary>
    protected virtual byte[] Encode(string @event) => Encoding.UTF8.GetBytes(@event);

    /// <summary>Whether events travel as they are, without a framing of the provider's own.</summary>
    protected virtual bool StreamBytesGoThrough => true;

    protected HttpProviderOptions Options(Uri upstream) => new()
    {
        BaseUrl = BaseUrl,
        ApiKey = Key,
        HeadTimeout = TimeSpan.FromSeconds(30),
        IdleTimeout = TimeSpan.FromMinutes(2),
        Time = _clock,
        AllowPrivate = true,
        Resolve = static (_, _) => Task.FromResult<IPAddress[]>([IPAddress.Loopback]),
        ConnectPort = upstream.Port,
    };

    protected override async ValueTask StopAsync()
    {
        (_provider as IDisposable)?.Dispose();
        await Upstream.DisposeAsync();
    }

    protected override void PrepareJson() => Upstream.Add(UpstreamScript.Send(RawHttp.Json(200, Json)));

    protected override void PrepareUnknownModel() => Upstream.Add(UpstreamScript.Send(RawHttp.Json(404, NotFound)));

    protected override void PrepareModels() => Upstream.Add(UpstreamScript.Send(RawHttp.Json(200, Models)));

    protected override void PrepareStream()
    {
        byte[][] pieces = [.. Events.Select(text => RawHttp.Chunk(Encode(text))), RawHttp.LastChunk];
        pieces[0] = [.. StreamHead, .. pieces[0]];
        _stream = UpstreamScript.Gated(pieces);
        _held = pieces.Length;
        Upstream.Add(_stream);
    }

    // Both are called once before the call, for the head, and once after it.
    protected override void LetTheFirstEventThrough()
    {
        if (_held == Events.Length + 1) { Let(1); }
    }

    protected override void LetTheRestThrough() => Let(_held);

    private void Let(int pieces)
    {
        if (pieces == 0) { return; }
        _held -= pieces;
        _stream!.Release(pieces);
    }

    [Fact]
    public async Task The_requests_bytes_reach_the_provider_as_they_were()
    {
        PrepareJson();
        // Odd on purpose: spaces, an escape that needs none, a field nobody knows, a number that no double holds.
        byte[] body = Encoding.UTF8.GetBytes("{ \"model\" :\"sim-one\",\r\n\t\"messages\":[{\"role\":\"user\",\"content\":\"\\u0048i \u00e9 \ud83d\ude00\"}],\"max_tokens\":10,\"new_field\":{\"x\":[1.00,123456789012345678901]}} ");
        await using ProviderAnswer answer = await Provider.SendAsync(Call(stream: false) with { Body = body, Query = "?beta=true&x=%20a" }, Cancelled);
        UpstreamRequest request = await Upstream.NextRequestAsync(Cancelled);
        Assert.Equal(Expected(body, Dialect), request.Body);
        Assert.Equal($"POST {Path}{(QueryGoesThrough ? "?beta=true&x=%20a" : "")} HTTP/1.1", request.RequestLine);
    }

    [Fact]
    public async Task Each_format_that_it_speaks_goes_to_its_own_address()
    {
        Assert.Equal(Paths.Keys.Order(), Provider.Dialects.Order());
        foreach ((Dialect dialect, string path) in Paths)
        {
            byte[] body = Encoding.UTF8.GetBytes($$"""{"model":"{{Model}}", "messages":[], "input":"{{dialect}}" }""");
            Upstream.Add(UpstreamScript.Send(RawHttp.Json(200, JsonOf(dialect))));
            await using ProviderAnswer answer = await Provider.SendAsync(Call(stream: false) with { Dialect = dialect, Body = body }, Cancelled);
            UpstreamRequest request = await Upstream.NextRequestAsync(Cancelled);
            Assert.Equal(200, answer.Status);
            Assert.Equal($"POST {path} HTTP/1.1", request.RequestLine);
            Assert.Equal(Expected(body, dialect), request.Body);
            AssertCredential(request);
            await ReadToEndAsync(answer.Body);
        }
    }

    [Fact]
    public async Task A_format_that_it_does_not_speak_is_never_sent()
    {
        foreach (Dialect dialect in Enum.GetValues<Dialect>().Except(Paths.Keys))
        {
            await Assert.ThrowsAsync<ArgumentException>(() => Provider.SendAsync(Call(stream: false) with { Dialect = dialect }, Cancelled).AsTask());
        }

        Assert.Empty(Upstream.Requests);
    }

    [Fact]
    public void It_speaks_only_the_formats_that_it_is_used_for()
    {
        IModelProvider provider = NewProvider(Options(Upstream.Url) with { Formats = [Dialect], ExactStreamUsage = false });
        Assert.Equal([Dialect], provider.Dialects);
        Assert.False(provider.ExactStreamUsage);
        Assert.True(Provider.ExactStreamUsage);
    }

    /// <summary>Every byte to the provider and every byte to the client, as a person reviewed them.</summary>
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task What_goes_out_and_what_comes_back_is_what_the_expected_file_says(bool stream)
    {
        if (stream) { PrepareStream(); }
        else { PrepareJson(); }
        KeyValuePair<string, string>[] headers =
        [
            new("Content-Type", "application/json"), new("Accept", "application/json"), new("anthropic-version", "2023-06-01"), new("anthropic-beta", "one-2026-01-01, two"),
            new("User-Agent", "Client/1.0"),
        ];
        if (stream) { LetTheRestThrough(); }
        await using ProviderAnswer answer = await Provider.SendAsync(Call(stream) with { Headers = headers }, Cancelled);
        string body = Encoding.UTF8.GetString(await ReadToEndAsync(answer.Body));
        UpstreamRequest request = await Upstream.NextRequestAsync(Cancelled);
        string sent = $"{request.Head}{Encoding.UTF8.GetString(request.Body)}".ReplaceLineEndings("\n");
        string came = $"{answer.Status}\n{string.Concat(answer.Headers.Select(header => $"{header.Key}: {header.Value}\n"))}\n{body}";
        ExpectedText.Matches($"{GetType().Name}-{(stream ? "stream" : "json")}", $"{sent}\n\n----------------------------------------\n{came}");
    }

    [Fact]
    public async Task An_errors_bytes_come_back_as_they_were()
    {
        // Clients match the wording of errors to decide on retries.
        byte[] body = Encoding.UTF8.GetBytes(Dialect.IsAnthropic()
            ? "{ \"type\":\"error\", \"error\":{\"type\":\"brand_new_error\",\"message\":\"prompt is too long: \\u0041\"}}\n"
            : "{ \"error\":{\"message\":\"too many\",\"type\":\"requests\",\"param\":null,\"code\":\"brand_new\"}}\n");
        Upstream.Add(UpstreamScript.Send(RawHttp.Answer(429, "content-type: application/json\r\nretry-after: 7\r\nx-should-retry: true\r\n", body)));
        await using ProviderAnswer answer = await Provider.SendAsync(Call(stream: true), Cancelled);
        Assert.Equal(429, answer.Status);
        Assert.Equal("7", Header(answer, "retry-after"));
        Assert.Equal("true", Header(answer, "x-should-retry"));
        Assert.Equal(body, await ReadToEndAsync(answer.Body));
    }

    [Fact]
    public async Task A_json_answers_bytes_and_headers_come_back_as_they_were()
    {
        byte[] body = Encoding.UTF8.GetBytes("{ \"id\":\"1\", \"unknown\": [1.0, \"\\u0041\u00e9\"] }\n");
        Upstream.Add(UpstreamScript.Send(RawHttp.Answer(200, "content-type: application/json; charset=utf-8\r\nrequest-id: req_1\r\nretry-after-ms: 250\r\nx-brand-new: a, b;c=\"d\"\r\n", body)));
        await using ProviderAnswer answer = await Provider.SendAsync(Call(stream: false), Cancelled);
        Assert.Equal(200, answer.Status);
        Assert.Equal("application/json; charset=utf-8", Header(answer, "content-type"));
        Assert.Equal("req_1", Header(answer, "request-id"));
        Assert.Equal("250", Header(answer, "retry-after-ms"));
        Assert.Equal("a, b;c=\"d\"", Header(answer, "x-brand-new"));
        Assert.Equal(body, await ReadToEndAsync(answer.Body));
    }

    [Fact]
    public async Task A_streams_bytes_come_back_as_they_were_unknown_events_included()
    {
        if (!StreamBytesGoThrough) { return; }
        string events = $"{Events[0]}: a comment\n\nevent: brand_new\ndata: {{ \"type\" : \"brand_new\" }}\r\n\r\n{string.Concat(Events[1..])}";
        byte[] body = Encoding.UTF8.GetBytes(events);
        // Chunks of 11 bytes never end where an event does.
        byte[][] chunks = [.. body.Chunk(11).Select(chunk => RawHttp.Chunk(chunk))];
        Upstream.Add(UpstreamScript.Send([RawHttp.EventStreamHead(), .. chunks, RawHttp.LastChunk]));
        await using ProviderAnswer answer = await Provider.SendAsync(Call(stream: true), Cancelled);
        Assert.Equal(body, await ReadToEndAsync(answer.Body));
    }

    [Fact]
    public async Task A_compressed_answer_is_not_unpacked()
    {
        byte[] body = [0x1f, 0x8b, 8, 0, 1, 2, 3];
        Upstream.Add(UpstreamScript.Send(RawHttp.Answer(200, "content-type: application/json\r\ncontent-encoding: gzip\r\n", body)));
        await using ProviderAnswer answer = await Provider.SendAsync(Call(stream: false), Cancelled);
        Assert.Equal("gzip", Header(answer, "content-encoding"));
        Assert.Equal(body, await ReadToEndAsync(answer.Body));
    }

    [Fact]
    public async Task A_redirect_is_neither_followed_nor_an_answer()
    {
        Upstream.Add(UpstreamScript.Send(RawHttp.Answer(307, "location: /elsewhere\r\n", "moved"u8)));
        ProviderException refused = await Assert.ThrowsAsync<ProviderException>(() => Provider.SendAsync(Call(stream: false), Cancelled).AsTask());
        Assert.Contains("redirect (307)", refused.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("elsewhere", refused.Message, StringComparison.Ordinal);
        Assert.Single(Upstream.Requests);
    }

    [Fact]
    public async Task Only_the_clients_headers_go_out_and_the_key_is_the_providers()
    {
        PrepareJson();
        KeyValuePair<string, string>[] kept =
        [
            new("Content-Type", "application/json; charset=utf-8"), new("anthropic-version", "2026-10-21"), new("anthropic-beta", "a-2025-01-01,brand-new"),
            new("User-Agent", "Anthropic/C# 13.12.0 (odd; thing)"), new("X-Stainless-Retry-Count", "0"), new("x-claude-code-session-id", "s1"), new("traceparent", "00-1-2-01"),
        ];
        KeyValuePair<string, string>[] dropped =
        [
            new("authorization", "Bearer client-key"), new("x-api-key", "client-key"), new("cookie", "c=1"), new("host", "client-host"), new("connection", "keep-alive"),
            new("transfer-encoding", "chunked"), new("accept-encoding", "gzip"), new("x-gigawatt-tenant", "t"), new("proxy-authorization", "Basic client"), new("content-length", "1"),
            new("api-key", "client-key"), new("x-forwarded-for", "10.1.2.3 client"), new("Forwarded", "for=client"),
        ];
        await using ProviderAnswer answer = await Provider.SendAsync(Call(stream: false) with { Headers = [.. kept, .. dropped] }, Cancelled);
        UpstreamRequest request = await Upstream.NextRequestAsync(Cancelled);
        Assert.All(kept.Where(header => !HeadersThatEndHere.Contains(header.Key)), header => Assert.Contains($"{header.Key}: {header.Value}", request.HeaderLines));
        AssertCredential(request);
        Assert.DoesNotContain("client", request.Head, StringComparison.Ordinal);
        Assert.All(request.HeaderLines, line => Assert.Contains(
            line.Split(':')[0], (IEnumerable<string>)[.. OwnHeaders, .. kept.Select(header => header.Key)], StringComparer.OrdinalIgnoreCase));
    }

    [Fact]
    public async Task Headers_of_the_connection_and_cookies_do_not_come_back()
    {
        Upstream.Add(UpstreamScript.Send(RawHttp.Answer(
            200, "content-type: application/json\r\nconnection: keep-alive, x-only-here\r\nx-only-here: 1\r\nkeep-alive: timeout=5\r\nset-cookie: a=b\r\nx-gigawatt-usd: 0\r\nx-kept: 1\r\n", "{}"u8)));
        await using ProviderAnswer answer = await Provider.SendAsync(Call(stream: false), Cancelled);
        Assert.Equal(["Content-Length", "Content-Type", "x-kept"], answer.Headers.Select(header => header.Key).Order(StringComparer.OrdinalIgnoreCase), StringComparer.OrdinalIgnoreCase);
    }

    [Fact]
    public async Task A_connection_is_used_again_after_an_answer_was_read_to_its_end()
    {
        PrepareJson();
        for (int i = 0; i < 2; i++)
        {
            await using ProviderAnswer answer = await Provider.SendAsync(Call(stream: false), Cancelled);
            await ReadToEndAsync(answer.Body);
        }

        await Upstream.NextRequestAsync(Cancelled);
        UpstreamRequest second = await Upstream.NextRequestAsync(Cancelled);
        Assert.Equal(Upstream.Requests[0].Connection, second.Connection);
    }

    [Fact]
    public async Task A_call_that_got_no_answer_is_not_sent_twice()
    {
        PrepareJson();
        await using (ProviderAnswer answer = await Provider.SendAsync(Call(stream: false), Cancelled)) { await ReadToEndAsync(answer.Body); }
        // The connection is an old one now, which a handler may take to have died before the call reached anybody.
        Upstream.Add(UpstreamScript.Send([]).ThenClose());
        PrepareJson();
        await Assert.ThrowsAsync<ProviderException>(() => Provider.SendAsync(Call(stream: false), Cancelled).AsTask());
        Assert.Equal(2, Upstream.Requests.Count);
    }

    [Fact]
    public async Task Leaving_an_answer_unread_closes_the_connection()
    {
        PrepareStream();
        LetTheFirstEventThrough();
        await using (ProviderAnswer answer = await Provider.SendAsync(Call(stream: true), Cancelled))
        {
            Assert.True(await answer.Body.ReadAsync(new byte[8192], Cancelled) > 0);
        }

        UpstreamRequest request = await Upstream.NextRequestAsync(Cancelled);
        await request.Closed.WaitAsync(TimeSpan.FromSeconds(30), Cancelled);
    }

    [Fact]
    public async Task Cancelling_while_the_head_is_awaited_closes_the_connection()
    {
        PrepareStream();
        using CancellationTokenSource hangUp = CancellationTokenSource.CreateLinkedTokenSource(Cancelled);
        Task<ProviderAnswer> waiting = Provider.SendAsync(Call(stream: true), hangUp.Token).AsTask();
        UpstreamRequest request = await Upstream.NextRequestAsync(Cancelled);
        await hangUp.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => waiting);
        await request.Closed.WaitAsync(TimeSpan.FromSeconds(30), Cancelled);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_stream_that_is_cut_ends_in_an_io_exception_after_what_came(bool reset)
    {
        byte[] came = RawHttp.Chunk(Encode(Events[0]));
        UpstreamScript script = UpstreamScript.Gated([.. StreamHead, .. came], "1"u8.ToArray());
        Upstream.Add(reset ? script.ThenReset() : script.ThenClose());
        script.Release();
        await using ProviderAnswer answer = await Provider.SendAsync(Call(stream: true), Cancelled);
        byte[] buffer = new byte[8192];
        int read = await answer.Body.ReadAsync(buffer, Cancelled);
        Assert.Equal(Events[0], Encoding.UTF8.GetString(buffer, 0, read));
        script.Release();
        await Assert.ThrowsAnyAsync<IOException>(() => ReadToEndAsync(answer.Body));
    }

    [Fact]
    public async Task A_document_that_is_cut_ends_in_an_io_exception()
    {
        Upstream.Add(UpstreamScript.Send(RawHttp.Json(200, Json)[..^5]).ThenClose());
        await using ProviderAnswer answer = await Provider.SendAsync(Call(stream: false), Cancelled);
        await Assert.ThrowsAnyAsync<IOException>(() => ReadToEndAsync(answer.Body));
    }

    [Theory]
    [InlineData("")]
    [InlineData("HTTP/1.1 200 OK\r\ncontent-ty")]
    [InlineData("This is not HTTP\r\n\r\n")]
    public async Task A_broken_head_is_a_failure_that_names_the_provider(string head)
    {
        Upstream.Add(UpstreamScript.Send(Encoding.ASCII.GetBytes(head)).ThenClose());
        ProviderException failure = await Assert.ThrowsAsync<ProviderException>(() => Provider.SendAsync(Call(stream: false), Cancelled).AsTask());
        Assert.False(failure.TimedOut);
        Assert.StartsWith("upstream ", failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_refused_connection_is_a_failure_that_names_the_provider()
    {
        (Uri url, IDisposable port) = ScriptedUpstream.Refusing();
        using (port)
        {
            IModelProvider provider = NewProvider(Options(url));
            ProviderException failure = await Assert.ThrowsAsync<ProviderException>(() => provider.SendAsync(Call(stream: false), Cancelled).AsTask());
            Assert.False(failure.TimedOut);
            Assert.Contains("upstream could not be reached: the connection failed", failure.Message, StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task A_head_that_does_not_come_in_time_is_a_timeout_and_closes_the_connection()
    {
        PrepareStream();
        Task<ProviderAnswer> waiting = Provider.SendAsync(Call(stream: true), Cancelled).AsTask();
        UpstreamRequest request = await Upstream.NextRequestAsync(Cancelled);
        _clock.Advance(TimeSpan.FromSeconds(30));
        ProviderException failure = await Assert.ThrowsAsync<ProviderException>(() => waiting);
        Assert.True(failure.TimedOut);
        Assert.Equal("upstream did not begin to answer within 30 s.", failure.Message);
        await request.Closed.WaitAsync(TimeSpan.FromSeconds(30), Cancelled);
    }

    [Fact]
    public async Task A_silence_within_an_answer_breaks_it_off_and_closes_the_connection()
    {
        PrepareStream();
        LetTheFirstEventThrough();
        await using ProviderAnswer answer = await Provider.SendAsync(Call(stream: true), Cancelled);
        byte[] buffer = new byte[8192];
        Assert.True(await answer.Body.ReadAsync(buffer, Cancelled) > 0);
        ValueTask<int> waiting = answer.Body.ReadAsync(buffer, Cancelled);
        Assert.False(waiting.IsCompleted);
        _clock.Advance(TimeSpan.FromMinutes(2));
        IOException broken = await Assert.ThrowsAnyAsync<IOException>(async () => await waiting);
        Assert.Equal("it sent nothing for 120 s", broken.Message);
        UpstreamRequest request = await Upstream.NextRequestAsync(Cancelled);
        await request.Closed.WaitAsync(TimeSpan.FromSeconds(30), Cancelled);
    }

    [Fact]
    public async Task A_slow_answer_is_not_a_silent_one()
    {
        PrepareStream();
        LetTheFirstEventThrough();
        await using ProviderAnswer answer = await Provider.SendAsync(Call(stream: true), Cancelled);
        MemoryStream all = new();
        byte[] buffer = new byte[8192];
        while (true)
        {
            ValueTask<int> waiting = answer.Body.ReadAsync(buffer, Cancelled);
            _clock.Advance(TimeSpan.FromSeconds(90));
            if (_held > 0) { Let(1); }
            int read = await waiting;
            if (read == 0) { break; }
            all.Write(buffer, 0, read);
        }

        Assert.Equal(string.Concat(Events), Encoding.UTF8.GetString(all.ToArray()));
    }

    [Fact]
    public async Task The_limit_for_the_head_does_not_touch_the_body()
    {
        PrepareStream();
        LetTheFirstEventThrough();
        await using ProviderAnswer answer = await Provider.SendAsync(Call(stream: true), Cancelled);
        _clock.Advance(TimeSpan.FromHours(1));
        LetTheRestThrough();
        Assert.Equal(string.Concat(Events), Encoding.UTF8.GetString(await ReadToEndAsync(answer.Body)));
    }

    [Fact]
    public async Task Without_a_key_no_credential_goes_out()
    {
        if (!CallsWithoutKey) { return; }
        PrepareJson();
        IModelProvider provider = NewProvider(Options(Upstream.Url) with { ApiKey = null });
        await using ProviderAnswer answer = await provider.SendAsync(Call(stream: false), Cancelled);
        UpstreamRequest request = await Upstream.NextRequestAsync(Cancelled);
        Assert.Null(request.Header("x-api-key"));
        Assert.Null(request.Header("authorization"));
        Assert.Null(request.Header("api-key"));
    }

    [Fact]
    public async Task A_new_key_in_its_file_is_used_without_a_restart()
    {
        if (!HasKeys) { return; }
        string file = System.IO.Path.GetTempFileName();
        try
        {
            File.WriteAllText(file, "first-key\n");
            PrepareJson();
            IModelProvider provider = NewProvider(Options(Upstream.Url) with { ApiKey = null, ApiKeyFile = file });
            Assert.Equal("first-key", await KeyOfNextCallAsync());
            File.WriteAllText(file, "second-key\n");
            Assert.Equal("first-key", await KeyOfNextCallAsync());
            _clock.Advance(TimeSpan.FromSeconds(1));
            Assert.Equal("second-key", await KeyOfNextCallAsync());
            File.WriteAllText(file, "");
            _clock.Advance(TimeSpan.FromSeconds(1));
            Assert.Equal("second-key", await KeyOfNextCallAsync());
            File.Delete(file);
            _clock.Advance(TimeSpan.FromSeconds(1));
            Assert.Equal("second-key", await KeyOfNextCallAsync());

            async Task<string?> KeyOfNextCallAsync()
            {
                await using ProviderAnswer answer = await provider.SendAsync(Call(stream: false), Cancelled);
                await ReadToEndAsync(answer.Body);
                UpstreamRequest request = await Upstream.NextRequestAsync(Cancelled);
                return request.Header("x-api-key") ?? request.Header("api-key") ?? request.Header("authorization")!["Bearer ".Length..];
            }
        }
        finally { File.Delete(file); }
    }

    [Fact]
    public async Task A_provider_whose_name_leads_into_a_private_network_is_not_called_unless_that_is_allowed()
    {
        foreach (string address in (string[])["127.0.0.1", "10.0.0.7", "169.254.169.254", "::1", "fd00:ec2::254", "::ffff:192.168.1.1", "64:ff9b::a9fe:a9fe"])
        {
            IModelProvider provider = NewProvider(Options(Upstream.Url) with { AllowPrivate = false, Resolve = (_, _) => Task.FromResult<IPAddress[]>([IPAddress.Parse(address)]) });
            ProviderException failure = await Assert.ThrowsAsync<ProviderException>(() => provider.SendAsync(Call(stream: false), Cancelled).AsTask());
            Assert.Contains("allow-private: true", failure.Message, StringComparison.Ordinal);
            Assert.StartsWith("upstream is not called: it is at ", failure.Message, StringComparison.Ordinal);
        }

        Assert.Empty(Upstream.Requests);
    }

    [Fact]
    public async Task What_fails_never_repeats_the_key()
    {
        Upstream.Add(UpstreamScript.Send("HTTP/1.1 200"u8.ToArray()).ThenClose());
        ProviderException failure = await Assert.ThrowsAsync<ProviderException>(() => Provider.SendAsync(Call(stream: false), Cancelled).AsTask());
        Assert.DoesNotContain(Key, failure.ToString(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(404)]
    [InlineData(405)]
    public async Task A_provider_without_a_model_list_does_not_tell(int status)
    {
        if (!ListsModels) { return; }
        Upstream.Add(UpstreamScript.Send(RawHttp.Json(status, "{}")));
        Assert.Null(await Provider.ListModelsAsync(Cancelled));
    }

    [Theory]
    [InlineData(401, "{}")]
    [InlineData(200, "<html>")]
    [InlineData(200, "[]")]
    [InlineData(200, "{\"data\":1}")]
    public async Task A_model_list_that_is_refused_or_unreadable_is_a_failure(int status, string body)
    {
        if (!ListsModels) { return; }
        Upstream.Add(UpstreamScript.Send(RawHttp.Json(status, body)));
        await Assert.ThrowsAsync<ProviderException>(() => Provider.ListModelsAsync(Cancelled));
    }

    [Theory]
    [InlineData("ftp://127.0.0.1/")]
    [InlineData("http://user:secret@127.0.0.1/")]
    [InlineData("http://127.0.0.1/?key=1")]
    public void A_base_url_that_cannot_be_used_is_refused(string url) =>
        Assert.Throws<ArgumentException>(() => NewProvider(Options(Upstream.Url) with { BaseUrl = new(url) }));
}
