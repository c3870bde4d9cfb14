using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using CsCheck;
using Gigawatt.Admission;
using Gigawatt.Models;
using Gigawatt.Placement.Routing;
using Gigawatt.Server.Identity;
using Gigawatt.Server.Ledger;
using Gigawatt.Server.Requests.Caching;
using Gigawatt.Tenants;
using Microsoft.AspNetCore.Http;

namespace Gigawatt.Tests.Requests.Caching;

/// <summary>Which requests are equal.</summary>
public sealed class AnswerKeyTests : IDisposable
{
    private const string Body = """{"model":"m","messages":[{"role":"user","content":"hi"}],"metadata":{"user_id":"a"},"user":"a","max_tokens":5}""";

    private readonly string _folder = Directory.CreateTempSubdirectory("gw-key-").FullName;
    private readonly UsageLedger _ledger;
    private readonly Identities _identities;

    public AnswerKeyTests()
    {
        _ledger = UsageLedger.Open(Path.Combine(_folder, "ledger.db"));
        _identities = Identities.Open(_folder, _ledger, TimeProvider.System);
        foreach (string tenant in (string[])["one", "other"]) { _identities.Save(new Tenant { Id = tenant, Name = tenant }); }
        foreach (string project in (string[])["p", "q"]) { _identities.Save(new Project { Id = project, TenantId = "one", Name = project }); }
    }

    public void Dispose()
    {
        _identities.Dispose();
        _ledger.Dispose();
        Directory.Delete(_folder, recursive: true);
    }

    [Fact]
    public void Two_tenants_never_share_and_projects_and_keys_as_configured()
    {
        Caller first = CallerOf("one", "p"), second = CallerOf("one", "p"), third = CallerOf("one", "q"), stranger = CallerOf("other", "");
        (AnswerCacheScope Scope, bool[] Shared)[] expected =
        [
            (AnswerCacheScope.Tenant, [true, true, false]), (AnswerCacheScope.Project, [true, false, false]), (AnswerCacheScope.Key, [false, false, false]),
        ];
        foreach ((AnswerCacheScope scope, bool[] shared) in expected)
        {
            AnswerKey? key = Of(first, scope, Dialect.Anthropic, Body);
            Assert.NotNull(key);
            Assert.Equal(key, Of(first, scope, Dialect.Anthropic, Body));
            Assert.Equal(shared, new[] { second, third, stranger }.Select(c => Of(c, scope, Dialect.Anthropic, Body) == key));
        }
    }

    [Fact]
    public void Who_the_user_is_does_not_matter_and_everything_else_does()
    {
        Caller caller = CallerOf("one", "");
        foreach ((Dialect dialect, string[] beside) in new[] { (Dialect.Anthropic, new[] { "metadata" }), (Dialect.OpenAI, ["user"]) })
        {
            AnswerKey? key = Of(caller, AnswerCacheScope.Tenant, dialect, Body);
            foreach ((string name, _) in JsonNode.Parse(Body)!.AsObject().ToArray())
            {
                JsonObject changed = JsonNode.Parse(Body)!.AsObject();
                changed[name] = "changed";
                Assert.Equal(beside.Contains(name), Of(caller, AnswerCacheScope.Tenant, dialect, changed.ToJsonString()) == key);
            }
        }

        Assert.NotEqual(Of(caller, AnswerCacheScope.Tenant, Dialect.OpenAI, Body), Of(caller, AnswerCacheScope.Tenant, Dialect.Anthropic, Body));
    }

    [Theory]
    [InlineData("anthropic-version", "2026-10-21")]
    [InlineData("anthropic-beta", "b-1")]
    [InlineData("openai-beta", "b-1")]
    [InlineData("x-gigawatt-region", "eu")]
    [InlineData(null, "?beta=true")]
    public void What_shapes_the_answer_beside_the_body_counts(string? header, string value)
    {
        Caller caller = CallerOf("one", "");
        HttpRequest request = new DefaultHttpContext().Request;
        if (header is null) { request.QueryString = new(value); }
        else { request.Headers[header] = value; }
        Assert.NotEqual(Of(caller, AnswerCacheScope.Tenant, Dialect.Anthropic, Body), AnswerKey.Of(caller, AnswerCacheScope.Tenant, Dialect.Anthropic, request, Encoding.UTF8.GetBytes(Body)));
    }

    [Theory]
    [InlineData(Dialect.CountTokens, """{"model":"m"}""")]
    [InlineData(Dialect.Responses, """{"model":"m","input":"hi"}""")]
    [InlineData(Dialect.Responses, """{"model":"m","input":"hi","store":true}""")]
    [InlineData(Dialect.Responses, """{"model":"m","store":false,"previous_response_id":"resp_1"}""")]
    [InlineData(Dialect.Responses, """{"model":"m","store":false,"conversation":{"id":"c"}}""")]
    [InlineData(Dialect.Responses, """{"model":"m","store":false,"background":true}""")]
    [InlineData(Dialect.OpenAI, """{"model":"m","store":true}""")]
    [InlineData(Dialect.Anthropic, """{"model":"m","container":"c_1"}""")]
    [InlineData(Dialect.Anthropic, """{"model":"m" """)]
    public void What_is_part_of_something_stored_elsewhere_is_never_kept(Dialect dialect, string body) =>
        Assert.Null(Of(CallerOf("one", ""), AnswerCacheScope.Tenant, dialect, body));

    [Theory]
    [InlineData(Dialect.Responses, """{"model":"m","input":"hi","store":false,"previous_response_id":null,"background":false}""")]
    [InlineData(Dialect.OpenAI, """{"model":"m","store":false}""")]
    [InlineData(Dialect.Embeddings, """{"model":"m","input":"hi"}""")]
    public void What_stands_alone_is(Dialect dialect, string body) => Assert.NotNull(Of(CallerOf("one", ""), AnswerCacheScope.Tenant, dialect, body));

    /// <summary>Bodies made of the same few members in any order: equal keys only for equal bytes, but for what is beside the point.</summary>
    [Fact]
    public void Different_bytes_have_different_keys()
    {
        Caller caller = CallerOf("one", "");
        Gen<string> member = Gen.Select(Gen.OneOf("a", "b", "metadata", "met\\u0061data"), Gen.OneOf("1", "{\"x\":[1]}", "\"metadata\"", "[]"), (n, v) => $"\"{n}\":{v}");
        Gen<string> body = member.Array[0, 4].Select(m => "{" + string.Join(',', m) + "}");
        Gen.Select(body, body).Sample((one, other) =>
        {
            bool sameKey = Of(caller, AnswerCacheScope.Tenant, Dialect.Anthropic, one) == Of(caller, AnswerCacheScope.Tenant, Dialect.Anthropic, other);
            return sameKey == (Without(one) == Without(other));
        });
    }

    // The members that matter, with a mark where one that does not was.
    private static string Without(string body)
    {
        using JsonDocument document = JsonDocument.Parse(body);
        return string.Join(',', document.RootElement.EnumerateObject().Select(p => p.Name == "metadata" ? "-" : p.Name + p.Value.GetRawText()));
    }

    private static AnswerKey? Of(Caller caller, AnswerCacheScope scope, Dialect dialect, string body) =>
        AnswerKey.Of(caller, scope, dialect, new DefaultHttpContext().Request, Encoding.UTF8.GetBytes(body));

    private Caller CallerOf(string tenant, string project)
    {
        NewKey key = _identities.CreateKey(new KeyFacts { Id = "", TenantId = tenant, ProjectId = project, Name = "k" });
        return _identities.Ring.Find(key.Secret)!;
    }
}
