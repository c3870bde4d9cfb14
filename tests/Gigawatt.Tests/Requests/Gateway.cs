using System.Globalization;
using System.Net.Http.Headers;
using System.Text;
using Gigawatt.Admission;
using Gigawatt.Configuration;
using Gigawatt.Metering;
using Gigawatt.Models;
using Gigawatt.Providers;
using Gigawatt.Providers.Anthropic;
using Gigawatt.Providers.OpenAI;
using Gigawatt.Providers.Simulated;
using Gigawatt.Server;
using Gigawatt.Server.Batches;
using Gigawatt.Server.Identity;
using Gigawatt.Server.Ledger;
using Gigawatt.Server.Requests;
using Gigawatt.Server.Responses;
using Gigawatt.Server.Telemetry;
using Gigawatt.Tenants;
using Gigawatt.Tests.Support;
using Gigawatt.Units;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace Gigawatt.Tests.Requests;

/// <summary>The data path on a real Kestrel on a free port of the loopback address, with stores in a folder of its own.</summary>
internal sealed class Gateway : IAsyncDisposable
{
    public const string UpstreamKey = "sk-upstream";

    public static readonly ModelFacts Model = new()
    {
        Name = "claude-*",
        InputPerMillion = Usd.FromDollars(3),
        OutputPerMillion = Usd.FromDollars(15),
        CacheReadPerMillion = Usd.FromDollars(0.3),
        CacheWritePerMillion = Usd.FromDollars(3.75),
        MaxOutputTokens = 1_000,
        MicrojoulesPerInputToken = 50_000,
        MicrojoulesPerOutputToken = 1_000_000,
        TimeToFirstToken = Duration.FromMilliseconds(1),
        PrefillPerToken = Duration.Zero,
        TimePerOutputToken = new Duration(100_000),
        Method = "test",
    };

    /// <summary>Costs ten times as much as <see cref="Model"/>.</summary>
    public static readonly ModelFacts Dear = Model with { Name = "dear-x", InputPerMillion = Usd.FromDollars(30), OutputPerMillion = Usd.FromDollars(150), CacheReadPerMillion = Usd.FromDollars(3), CacheWritePerMillion = Usd.FromDollars(37.5) };

    private static readonly ModelFacts Simulated = Model with { Name = "sim-small" };

    private static readonly SiteFactors Site = new()
    {
        PueThousandths = 1_200,
        GridGramsPerMegawattHour = 400_000,
        SiteMillilitresPerMegawattHour = 500_000,
        GridMillilitresPerMegawattHour = 1_500_000,
        Source = "test",
    };

    private readonly WebApplication _app;
    private readonly List<IDisposable> _providers;

    private Gateway(string folder, WebApplication app, UsageLedger ledger, UsageJournal journal, Identities identities, NewKey key, List<IDisposable> providers)
    {
        (Folder, _app, Ledger, Journal, Identities, Key, _providers) = (folder, app, ledger, journal, identities, key, providers);
        Url = new Uri(app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.First());
        // A client that hangs up does so at once, without reading on for a while to save the connection.
        Http = new HttpClient(new SocketsHttpHandler { MaxResponseDrainSize = 0 }) { BaseAddress = Url };
        Http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", key.Secret);
    }

    public string Folder { get; }

    public UsageLedger Ledger { get; }

    public UsageJournal Journal { get; }

    public Identities Identities { get; }

    /// <summary>What serves the calls.</summary>
    public RequestPath Path => _app.Services.GetRequiredService<RequestPath>();

    /// <summary>The endpoints and routes in force.</summary>
    public EndpointDirectory Directory => _app.Services.GetRequiredService<EndpointDirectory>();

    public NewKey Key { get; }

    public RequestTelemetry Telemetry => _app.Services.GetRequiredService<RequestTelemetry>();

    public Uri Url { get; }

    /// <summary>Sends the key as a bearer token.</summary>
    public HttpClient Http { get; }

    /// <summary>An Anthropic upstream for <c>claude-*</c>.</summary>
    public static (IModelProvider Provider, string[] Patterns) Anthropic(Uri url, string name = "cloud") =>
        (new AnthropicProvider(name, new HttpProviderOptions { BaseUrl = url, ApiKey = UpstreamKey }), ["claude-*"]);

    /// <summary>An OpenAI upstream for <c>gpt-*</c>.</summary>
    public static (IModelProvider Provider, string[] Patterns) OpenAI(Uri url, bool exactUsage = true) =>
        (new OpenAIProvider("other", new HttpProviderOptions { BaseUrl = new(url, "/v1"), ApiKey = UpstreamKey, ExactStreamUsage = exactUsage }), ["gpt-*"]);

    /// <summary>The simulation, which answers for <c>sim-small</c>.</summary>
    public static (IModelProvider Provider, string[] Patterns) Simulation() => (new SimulatedProvider("simulated", [Simulated], TimeProvider.System), []);

    /// <summary>Starts with these endpoints; upstreams are not asked for their models unless <paramref name="askForModels"/>.</summary>
    public static Task<Gateway> StartAsync(bool askForModels, params (IModelProvider Provider, string[] Patterns)[] endpoints) => StartAsync(askForModels, "", endpoints);

    /// <summary>Starts with routes as a config file has them, under <c>routes:</c>.</summary>
    public static Task<Gateway> StartAsync(string routes, params (IModelProvider Provider, string[] Patterns)[] endpoints) => StartAsync(askForModels: false, routes, endpoints);

    /// <summary>Starts behind a gate.</summary>
    public static Task<Gateway> StartAsync(AdmissionGate gate, params (IModelProvider Provider, string[] Patterns)[] endpoints) => StartAsync(askForModels: false, "", endpoints, gate);

    private static async Task<Gateway> StartAsync(bool askForModels, string routes, (IModelProvider Provider, string[] Patterns)[] endpoints, AdmissionGate? gate = null)
    {
        string folder = System.IO.Directory.CreateTempSubdirectory("gw-path-").FullName;
        UsageLedger ledger = UsageLedger.Open(System.IO.Path.Combine(folder, "ledger.db"));
        UsageJournal journal = UsageJournal.Open(System.IO.Path.Combine(folder, "usage"), ledger, out _);
        Identities identities = Identities.Open(folder, ledger, TimeProvider.System);
        identities.Save(new Tenant { Id = "default", Name = "Default", Budgets = [new(Usd.FromDollars(1_000_000), BudgetPeriod.Total)] });
        BatchStore batches = BatchStore.Open(System.IO.Path.Combine(folder, "batches"));
        ResponseStore responses = ResponseStore.Open(System.IO.Path.Combine(folder, "responses.db"));
        NewKey key = identities.CreateFirstKey()!;

        WebApplicationBuilder builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseKestrel().UseUrls("http://127.0.0.1:0");
        ModelEndpoint[] all = [.. endpoints.Select(e => new ModelEndpoint(askForModels || e.Provider is SimulatedProvider ? e.Provider : new Unlisted(e.Provider), e.Patterns))];
        builder.Services.AddDataPath(StateOf(all, routes), identities, journal, gate).AddBatches(batches, new BatchOptions()).AddResponses(responses, new ResponseOptions(Duration.FromSeconds(3_600), 1 << 20));
        WebApplication app = builder.Build();
        app.UseDataPathErrors();
        app.MapDataPath();
        await app.StartAsync(TestContext.Current.CancellationToken);
        await app.Services.GetRequiredService<EndpointDirectory>().RefreshAsync(TestContext.Current.CancellationToken);
        return new(folder, app, ledger, journal, identities, key, [batches, responses, .. endpoints.Select(e => e.Provider).OfType<IDisposable>()]);
    }

    /// <summary>The state that routes of a config file make of these endpoints.</summary>
    public static RequestPathState StateOf(IReadOnlyList<ModelEndpoint> endpoints, string routes)
    {
        string providers = string.Join(", ", endpoints.Select(e => $"{{name: {e.Provider.Name}, kind: simulated}}"));
        Loaded<ServerConfig> loaded = ServerConfig.Parse($"providers: [{providers}]\ntenants: [{{name: default}}, {{name: others}}]\n{routes}", "test.yaml", new Dictionary<string, string>());
        Assert.True(loaded.IsValid, string.Join('\n', loaded.Problems));
        return new(endpoints, new ModelCatalog([Model, Simulated, Dear]), Site, loaded.Value.Routes, loaded.Value.Residency);
    }

    public static Task<Gateway> StartAsync(params (IModelProvider Provider, string[] Patterns)[] endpoints) => StartAsync(askForModels: false, endpoints);

    /// <summary>Sends a body as JSON, with the version that the Anthropic dialect needs.</summary>
    public Task<HttpResponseMessage> PostAsync(string path, string body, params (string Name, string Value)[] headers)
    {
        var request = new HttpRequestMessage(HttpMethod.Post, path) { Content = new ByteArrayContent(Encoding.UTF8.GetBytes(body)) };
        request.Content.Headers.ContentType = new("application/json");
        if (path.Contains("/v1/messages", StringComparison.Ordinal) && headers.All(static h => h.Name != "anthropic-version")) { request.Headers.Add("anthropic-version", "2023-06-01"); }
        foreach ((string name, string value) in headers) { request.Headers.Add(name, value); }
        return Http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, TestContext.Current.CancellationToken);
    }

    /// <summary>The usage records, once there are that many and nothing is open.</summary>
    public async Task<IReadOnlyList<UsageRecord>> RecordsAsync(int count)
    {
        await Eventually.IsTrueAsync(() => Journal.OpenReservations == 0, "every reservation to be settled");
        Journal.Flush();
        IReadOnlyList<UsageRecord> records = Ledger.Records();
        Assert.Equal(count, records.Count);
        return records;
    }

    /// <summary>What the tenant has spent and reserved, in micro-dollars.</summary>
    public long Committed => CommittedIn(Identities, Key);

    /// <summary>What the tenant of a key has spent and reserved of its first budget, in the small unit.</summary>
    public static long CommittedIn(Identities identities, NewKey key) =>
        identities.Ring.Find(key.Secret)!.Accounts.Budgets.First(static b => b.Scope == AccountScope.Tenant).Account.Committed;

    public async ValueTask DisposeAsync()
    {
        Http.Dispose();
        await _app.DisposeAsync();
        Identities.Dispose();
        Journal.Dispose();
        Ledger.Dispose();
        foreach (IDisposable provider in _providers) { provider.Dispose(); }
        System.IO.Directory.Delete(Folder, recursive: true);
    }

    /// <summary>A provider that does not say which models it serves, so that scripts are played for calls only.</summary>
    private sealed class Unlisted(IModelProvider inner) : IModelProvider
    {
        public string Name => inner.Name;

        public IReadOnlyList<Dialect> Dialects => inner.Dialects;

        public bool ExactStreamUsage => inner.ExactStreamUsage;

        public bool OlderBound => inner.OlderBound;

        public bool KeepsResponses => inner.KeepsResponses;

        public ValueTask<ProviderAnswer> SendAsync(ProviderCall call, CancellationToken cancellationToken) => inner.SendAsync(call, cancellationToken);

        public Task<IReadOnlyList<ProviderModel>?> ListModelsAsync(CancellationToken cancellationToken) => Task.FromResult<IReadOnlyList<ProviderModel>?>(null);
    }
}

/// <summary>Waits for a named condition instead of a length of time.</summary>
internal static class Eventually
{
    public static async Task IsTrueAsync(Func<bool> condition, string what)
    {
        using var tooLate = new CancellationTokenSource(TimeSpan.FromSeconds(30));
        while (!condition())
        {
            Assert.False(tooLate.IsCancellationRequested, $"Waited in vain for {what}.");
            await Task.Delay(5, TestContext.Current.CancellationToken);
        }
    }
}

/// <summary>Bodies of requests and answers.</summary>
internal static class Samples
{
    /// <summary>With a field nobody knows, odd spacing and an escape: nothing of it may change on the way.</summary>
    public const string MessagesBody =
        """{ "model":"claude-x","max_tokens":100,  "messages":[{"role":"user","content":"h\u00e9llo"}], "invented":{"a":[1,2.50,null]} }""";

    public const string StreamBody = """{"model":"claude-x","max_tokens":100,"stream":true,"messages":[{"role":"user","content":"hello"}]}""";

    public const string ChatBody = """{"model":"gpt-x","messages":[{"role":"user","content":"hi"}], "max_completion_tokens" : 50,"invented":true}""";

    public const string ChatStreamBody = """{"model":"gpt-x","stream":true,"stream_options":{"include_usage":true},"max_completion_tokens":50,"messages":[{"role":"user","content":"hi"}]}""";

    public const string MessagesAnswer =
        """{"id":"msg_1","type":"message","role":"assistant","model":"claude-x","content":[{"type":"text","text":"hi"},{"type":"tomorrow"}],"stop_reason":"end_turn","stop_sequence":null,"usage":{"input_tokens":20,"cache_creation_input_tokens":0,"cache_read_input_tokens":10,"output_tokens":30}}""";

    public const string ChatAnswer =
        """{"id":"c1","object":"chat.completion","created":1,"model":"gpt-x","choices":[{"index":0,"message":{"role":"assistant","content":"hi"},"finish_reason":"stop"}],"usage":{"prompt_tokens":12,"completion_tokens":7,"total_tokens":19,"prompt_tokens_details":{"cached_tokens":4}}}""";

    public static readonly string[] MessagesEvents =
    [
        "event: message_start\ndata: {\"type\":\"message_start\",\"message\":{\"id\":\"msg_1\",\"type\":\"message\",\"role\":\"assistant\",\"model\":\"claude-x\",\"content\":[],\"stop_reason\":null,\"stop_sequence\":null,\"usage\":{\"input_tokens\":25,\"output_tokens\":1}}}\n\n",
        "event: content_block_start\ndata: {\"type\":\"content_block_start\",\"index\":0,\"content_block\":{\"type\":\"text\",\"text\":\"\"}}\n\n",
        "event: ping\ndata: {\"type\": \"ping\"}\n\n",
        "event: content_block_delta\ndata: {\"type\":\"content_block_delta\",\"index\":0,\"delta\":{\"type\":\"text_delta\",\"text\":\"Hello, this is text \"}}\n\n",
        "event: content_block_delta\ndata: {\"type\":\"content_block_delta\",\"index\":0,\"delta\":{\"type\":\"text_delta\",\"text\":\"of forty bytes in all\"}}\n\n",
        "event: content_block_stop\ndata: {\"type\":\"content_block_stop\",\"index\":0}\n\n",
        "event: message_delta\ndata: {\"type\":\"message_delta\",\"delta\":{\"stop_reason\":\"end_turn\",\"stop_sequence\":null},\"usage\":{\"output_tokens\":50}}\n\n",
        "event: message_stop\ndata: {\"type\":\"message_stop\"}\n\n",
    ];

    public static readonly string[] ChatEvents =
    [
        "data: {\"id\":\"c1\",\"object\":\"chat.completion.chunk\",\"created\":1,\"model\":\"gpt-x\",\"choices\":[{\"index\":0,\"delta\":{\"role\":\"assistant\",\"content\":\"\"},\"finish_reason\":null}]}\n\n",
        "data: {\"id\":\"c1\",\"object\":\"chat.completion.chunk\",\"created\":1,\"model\":\"gpt-x\",\"choices\":[{\"index\":0,\"delta\":{\"content\":\"Hello there, friend\"},\"finish_reason\":null}]}\n\n",
        "data: {\"id\":\"c1\",\"object\":\"chat.completion.chunk\",\"created\":1,\"model\":\"gpt-x\",\"choices\":[{\"index\":0,\"delta\":{},\"finish_reason\":\"stop\"}]}\n\n",
        "data: {\"id\":\"c1\",\"object\":\"chat.completion.chunk\",\"created\":1,\"model\":\"gpt-x\",\"choices\":[],\"usage\":{\"prompt_tokens\":9,\"completion_tokens\":6,\"total_tokens\":15}}\n\n",
        "data: [DONE]\n\n",
    ];

    public static byte[] Utf8(string text) => Encoding.UTF8.GetBytes(text);

    /// <summary>A stream of these events, each a chunk of its own.</summary>
    public static byte[][] Stream(IEnumerable<string> events) =>
        [RawHttp.EventStreamHead(), .. events.Select(e => RawHttp.Chunk(Utf8(e))), RawHttp.LastChunk];

    public static string Header(HttpResponseMessage answer, string name) =>
        answer.Headers.TryGetValues(name, out IEnumerable<string>? values) ? string.Join(',', values) : "";

    public static string Text(decimal value) => value.ToString(CultureInfo.InvariantCulture);
}
