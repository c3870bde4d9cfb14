using Gigawatt.Models;
using Gigawatt.Providers;
using Gigawatt.Providers.Azure;
using Gigawatt.Providers.Credentials;
using Gigawatt.Tests.Support;
using Xunit;

namespace Gigawatt.Tests.Conformance.Providers;

/// <summary>Claude in Microsoft Foundry.</summary>
public sealed class FoundryConformance : AnthropicFormatConformance
{
    protected override Uri BaseUrl { get; } = new("http://contoso.services.ai.azure.com");

    protected override IReadOnlyDictionary<Dialect, string> Paths => FoundryPaths;

    protected override string[] OwnHeaders => ["Host", "Content-Length", "api-key"];

    protected override bool CallsWithoutKey => false;

    protected override bool ListsModels => false;

    internal static Dictionary<Dialect, string> FoundryPaths { get; } = new()
    {
        [Dialect.Anthropic] = "/anthropic/v1/messages",
        [Dialect.CountTokens] = "/anthropic/v1/messages/count_tokens",
        [Dialect.OpenAI] = "/openai/v1/chat/completions",
        [Dialect.Responses] = "/openai/v1/responses",
        [Dialect.Embeddings] = "/openai/v1/embeddings",
    };

    protected override IModelProvider NewProvider(HttpProviderOptions options) => new FoundryProvider("upstream", options);

    protected override void AssertCredential(UpstreamRequest request) => Azure.AssertKey(request, Key);

    [Fact]
    public Task Without_a_key_it_is_called_with_a_token_that_is_kept_until_it_ends() =>
        Azure.TokensAreKeptAsync((options, tokens) => new FoundryProvider("upstream", options, tokens), Upstream, Options(Upstream.Url), Call(stream: false));
}

/// <summary>Other models in Microsoft Foundry.</summary>
public sealed class FoundryOpenAIConformance : OpenAIFormatConformance
{
    protected override Uri BaseUrl { get; } = new("http://contoso.services.ai.azure.com");

    protected override IReadOnlyDictionary<Dialect, string> Paths => FoundryConformance.FoundryPaths;

    protected override string[] OwnHeaders => ["Host", "Content-Length", "api-key"];

    protected override bool QueryGoesThrough => false;

    protected override bool CallsWithoutKey => false;

    protected override bool ListsModels => false;

    protected override IModelProvider NewProvider(HttpProviderOptions options) => new FoundryProvider("upstream", options);

    protected override void AssertCredential(UpstreamRequest request) => Azure.AssertKey(request, Key);
}

/// <summary>Azure OpenAI with the addresses that have no version.</summary>
public sealed class AzureOpenAIConformance : OpenAIFormatConformance
{
    protected override Uri BaseUrl { get; } = new("http://contoso.openai.azure.com/");

    protected override IReadOnlyDictionary<Dialect, string> Paths { get; } = new Dictionary<Dialect, string>
    {
        [Dialect.OpenAI] = "/openai/v1/chat/completions",
        [Dialect.Responses] = "/openai/v1/responses",
        [Dialect.Embeddings] = "/openai/v1/embeddings",
    };

    protected override string[] OwnHeaders => ["Host", "Content-Length", "api-key"];

    protected override bool QueryGoesThrough => false;

    protected override bool CallsWithoutKey => false;

    protected override bool ListsModels => false;

    protected override IModelProvider NewProvider(HttpProviderOptions options) => new AzureOpenAIProvider("upstream", options);

    protected override void AssertCredential(UpstreamRequest request) => Azure.AssertKey(request, Key);

    [Fact]
    public Task Without_a_key_it_is_called_with_a_token_that_is_kept_until_it_ends() =>
        Azure.TokensAreKeptAsync((options, tokens) => new AzureOpenAIProvider("upstream", options, "v1", tokens), Upstream, Options(Upstream.Url), Call(stream: false));
}

/// <summary>Azure OpenAI with a dated version, which has the deployment in its addresses.</summary>
public sealed class AzureOpenAIDatedConformance : OpenAIFormatConformance
{
    protected override Uri BaseUrl { get; } = new("http://contoso.openai.azure.com/");

    protected override IReadOnlyDictionary<Dialect, string> Paths { get; } = new Dictionary<Dialect, string>
    {
        [Dialect.OpenAI] = "/openai/deployments/sim-one/chat/completions?api-version=2024-10-21",
        [Dialect.Responses] = "/openai/responses?api-version=2024-10-21",
        [Dialect.Embeddings] = "/openai/deployments/sim-one/embeddings?api-version=2024-10-21",
    };

    protected override string[] OwnHeaders => ["Host", "Content-Length", "api-key"];

    protected override bool QueryGoesThrough => false;

    protected override bool CallsWithoutKey => false;

    protected override bool ListsModels => false;

    protected override IModelProvider NewProvider(HttpProviderOptions options) => new AzureOpenAIProvider("upstream", options, "2024-10-21");

    protected override void AssertCredential(UpstreamRequest request) => Azure.AssertKey(request, Key);

    [Fact]
    public async Task A_models_name_stays_one_segment_of_the_address()
    {
        PrepareJson();
        await using ProviderAnswer answer = await Provider.SendAsync(Call(stream: false, "a/../b?c=d#e f"), Cancelled);
        UpstreamRequest request = await Upstream.NextRequestAsync(Cancelled);
        Assert.Equal("POST /openai/deployments/a%2F..%2Fb%3Fc%3Dd%23e%20f/chat/completions?api-version=2024-10-21 HTTP/1.1", request.RequestLine);
    }
}

file static class Azure
{
    public static void AssertKey(UpstreamRequest request, string key)
    {
        Assert.Equal(key, request.Header("api-key"));
        Assert.Null(request.Header("x-api-key"));
        Assert.Null(request.Header("authorization"));
    }

    public static async Task TokensAreKeptAsync(
        Func<HttpProviderOptions, ITokenSource, IModelProvider> create, ScriptedUpstream upstream, HttpProviderOptions options, ProviderCall call)
    {
        foreach (int status in (int[])[200, 200, 200, 200, 401, 200]) { upstream.Add(UpstreamScript.Send(RawHttp.Json(status, "{}"))); }
        CountedTokens tokens = new(options.Time);
        IModelProvider provider = create(options with { ApiKey = null }, tokens);
        ManualClock clock = (ManualClock)options.Time;
        Assert.Equal("Bearer token-1", await CredentialOfNextCallAsync());
        Assert.Equal("Bearer token-1", await CredentialOfNextCallAsync());
        clock.Advance(TimeSpan.FromMinutes(55));
        Assert.Equal("Bearer token-2", await CredentialOfNextCallAsync());

        // Nothing to be had for a while: the token is good for some minutes still, and then there is none.
        tokens.Failing = true;
        clock.Advance(TimeSpan.FromMinutes(55));
        Assert.Equal("Bearer token-2", await CredentialOfNextCallAsync());
        clock.Advance(TimeSpan.FromMinutes(4));
        ProviderException failure = await Assert.ThrowsAsync<ProviderException>(CredentialOfNextCallAsync);
        Assert.Equal("upstream is not called: no token could be had (nobody is logged in)", failure.Message);

        // A token that is refused is not tried again.
        tokens.Failing = false;
        string? refused = await CredentialOfNextCallAsync();
        Assert.NotEqual(refused, await CredentialOfNextCallAsync());

        async Task<string?> CredentialOfNextCallAsync()
        {
            await using ProviderAnswer answer = await provider.SendAsync(call, TestContext.Current.CancellationToken);
            UpstreamRequest request = await upstream.NextRequestAsync(TestContext.Current.CancellationToken);
            Assert.Null(request.Header("api-key"));
            return request.Header("authorization");
        }
    }

    private sealed class CountedTokens(TimeProvider time) : ITokenSource
    {
        private int _fetched;

        public bool Failing { get; set; }

        public Task<(string Token, DateTimeOffset Expires)> FetchAsync(CancellationToken cancellationToken) => Failing
            ? throw new InvalidOperationException("nobody is logged in.\nLog in.")
            : Task.FromResult(($"token-{++_fetched}", time.GetUtcNow() + TimeSpan.FromHours(1)));
    }
}
