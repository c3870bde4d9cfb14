using System.Text;
using System.Text.RegularExpressions;
using Gigawatt.Models;
using Gigawatt.Providers;
using Gigawatt.Providers.Credentials;
using Gigawatt.Providers.Vertex;
using Gigawatt.Tests.Support;
using Xunit;

namespace Gigawatt.Tests.Conformance.Providers;

/// <summary>Claude on Google Vertex AI.</summary>
public sealed partial class VertexConformance : AnthropicFormatConformance
{
    private const string Models_ = "/v1/projects/my-project/locations/us-east5/publishers/anthropic/models/";

    protected override Uri BaseUrl { get; } = new("http://us-east5-aiplatform.googleapis.com");

    protected override IReadOnlyDictionary<Dialect, string> Paths { get; } = new Dictionary<Dialect, string>
    {
        [Dialect.Anthropic] = $"{Models_}sim-one:rawPredict",
        [Dialect.CountTokens] = $"{Models_}count-tokens:rawPredict",
    };

    protected override string[] HeadersThatEndHere => ["anthropic-version"];

    protected override bool QueryGoesThrough => false;

    protected override bool CallsWithoutKey => false;

    protected override bool HasKeys => false;

    protected override bool ListsModels => false;

    protected override IModelProvider NewProvider(HttpProviderOptions options) => new VertexProvider("upstream", "my-project", "us-east5", options, new FixedToken(options.Time));

    protected override void AssertCredential(UpstreamRequest request)
    {
        Assert.Equal("Bearer google-token", request.Header("authorization"));
        Assert.Null(request.Header("x-api-key"));
    }

    protected override byte[] Expected(byte[] body, Dialect dialect)
    {
        const string version = "{\"anthropic_version\":\"vertex-2023-10-16\",";
        string text = Encoding.UTF8.GetString(body);
        return Encoding.UTF8.GetBytes(dialect == Dialect.Anthropic ? ModelField().Replace(text, version) : $"{version}{text[1..]}");
    }

    [Theory]
    [InlineData(403, """{"error":{"code":403,"message":"Permission denied on resource project.","status":"PERMISSION_DENIED"}}""", "permission_error", "Permission denied on resource project.")]
    [InlineData(429, """[{"error":{"code":429,"message":"Quota exceeded.","status":"RESOURCE_EXHAUSTED"}}]""", "rate_limit_error", "Quota exceeded.")]
    [InlineData(404, "<html>", "not_found_error", "upstream answered with status 404.")]
    public async Task An_error_of_googles_own_is_put_in_anthropics_form(int status, string body, string type, string message)
    {
        Upstream.Add(UpstreamScript.Send(RawHttp.Json(status, body)));
        await using ProviderAnswer answer = await Provider.SendAsync(Call(stream: true), Cancelled);
        Assert.Equal(status, answer.Status);
        Assert.Equal($$"""{"type":"error","error":{"type":"{{type}}","message":"{{message}}"},"request_id":""}""", Encoding.UTF8.GetString(await ReadToEndAsync(answer.Body)));
    }

    [Fact]
    public async Task The_version_behind_a_models_at_sign_and_nothing_else_of_its_name_stays_as_it_is()
    {
        PrepareJson();
        await using ProviderAnswer answer = await Provider.SendAsync(Call(stream: true, "claude-x@20250514/../y:z"), Cancelled);
        Assert.Equal($"POST {Models_}claude-x@20250514%2F..%2Fy%3Az:streamRawPredict HTTP/1.1", Upstream.Requests[0].RequestLine);
    }

    [Fact]
    public async Task A_client_cannot_say_whose_project_is_billed()
    {
        PrepareJson();
        await using ProviderAnswer answer = await Provider.SendAsync(Call(stream: false) with { Headers = [new("X-Goog-User-Project", "somebody-else")] }, Cancelled);
        Assert.Null((await Upstream.NextRequestAsync(Cancelled)).Header("x-goog-user-project"));
    }

    [Theory]
    [InlineData("us-east5", "https://us-east5-aiplatform.googleapis.com/")]
    [InlineData("global", "https://aiplatform.googleapis.com/")]
    [InlineData("eu", "https://aiplatform.eu.rep.googleapis.com/")]
    public void A_location_has_its_address(string location, string address) => Assert.Equal(address, VertexProvider.AddressOf(location).AbsoluteUri);

    [GeneratedRegex("^\\{ ?\"model\" ?:\"sim-one\",")]
    private static partial Regex ModelField();

    private sealed class FixedToken(TimeProvider time) : ITokenSource
    {
        public Task<(string Token, DateTimeOffset Expires)> FetchAsync(CancellationToken cancellationToken) => Task.FromResult(("google-token", time.GetUtcNow() + TimeSpan.FromHours(1)));
    }
}
