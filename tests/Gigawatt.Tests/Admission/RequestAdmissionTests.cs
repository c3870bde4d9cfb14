using System.Net;
using Gigawatt.Admission;
using Gigawatt.Tenants;
using Gigawatt.Units;

namespace Gigawatt.Tests.Admission;

public sealed class RequestAdmissionTests
{
    private static readonly Instant Now = Instant.From(new DateTimeOffset(2026, 11, 23, 9, 0, 0, TimeSpan.Zero));
    private static readonly KeyFacts Key = new() { Id = "key_1", TenantId = "acme", Name = "k" };
    private static readonly Tenant Acme = new() { Id = "acme", Name = "Acme" };

    [Fact]
    public void A_good_key_may_use_any_model_unless_told_otherwise() => Assert.Equal(RequestRefusal.None, Check(Key, Acme));

    [Fact]
    public void Each_refusal_has_its_cause()
    {
        Assert.Equal(RequestRefusal.KeyRevoked, Check(Key with { Revoked = Now }, Acme));
        Assert.Equal(RequestRefusal.KeyExpired, Check(Key with { Expires = Now }, Acme));
        Assert.Equal(RequestRefusal.None, Check(Key with { Expires = Now + new Duration(1) }, Acme));
        Assert.Equal(RequestRefusal.TenantDisabled, Check(Key, Acme with { Enabled = false }));
        Assert.Equal(RequestRefusal.ModelNotAllowed, Check(Key, Acme with { Models = ["gpt-*"] }));
        Assert.Equal(RequestRefusal.ModelNotAllowed, Check(Key with { Models = ["claude-a"] }, Acme));
        Assert.Equal(RequestRefusal.None, Check(Key with { Models = ["claude-x"] }, Acme with { Models = ["gpt-*", "claude-*"] }));
    }

    [Fact]
    public void A_key_is_good_only_where_its_project_and_the_secret_shown_are()
    {
        var project = new Project { TenantId = "acme", Id = "p", Name = "P", Models = ["claude-*"] };
        Assert.Equal(RequestRefusal.ProjectDisabled, RequestAdmission.CheckKey(CallerOf(Key, Acme, project with { Enabled = false }), Now));
        Assert.Equal(RequestRefusal.ModelNotAllowed, RequestAdmission.Check(CallerOf(Key, Acme, project), "gpt-x", Now));
        Assert.Equal(RequestRefusal.None, RequestAdmission.Check(CallerOf(Key, Acme, project), "claude-x", Now));
        Assert.Equal(RequestRefusal.KeyExpired, RequestAdmission.CheckKey(CallerOf(Key, Acme) with { Expires = Now }, Now));
    }

    [Theory]
    [InlineData("/v1/messages", "10.1.2.3", RequestRefusal.None)]
    [InlineData("/v1/messages/count_tokens", "::ffff:10.1.2.3", RequestRefusal.None)]
    [InlineData("/v1/messages", "2001:db8::1", RequestRefusal.None)]
    [InlineData("/v1/messages", "11.1.2.3", RequestRefusal.AddressNotAllowed)]
    [InlineData("/v1/messages", null, RequestRefusal.AddressNotAllowed)]
    [InlineData("/v1/chat/completions", "10.1.2.3", RequestRefusal.RouteNotAllowed)]
    public void A_key_may_be_kept_to_addresses_and_paths(string path, string? address, RequestRefusal expected)
    {
        KeyFacts kept = Key with { Routes = ["/v1/messages*"], Networks = [IPNetwork.Parse("10.0.0.0/8"), IPNetwork.Parse("2001:db8::/32")] };
        Assert.Equal(expected, RequestAdmission.CheckOrigin(CallerOf(kept, Acme), path, address is null ? null : IPAddress.Parse(address)));
        Assert.Equal(RequestRefusal.None, RequestAdmission.CheckOrigin(CallerOf(Key, Acme), path, null));
    }

    private static RequestRefusal Check(KeyFacts key, Tenant tenant) => RequestAdmission.Check(CallerOf(key, tenant), "claude-x", Now);

    private static Caller CallerOf(KeyFacts key, Tenant tenant, Project? project = null) => new(key, project, tenant, CallerAccounts.None);
}
