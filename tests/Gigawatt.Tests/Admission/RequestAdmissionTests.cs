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
    public void A_request_is_reserved_in_both_accounts_or_in_neither()
    {
        Caller caller = CallerOf(Key, Acme, keyLimit: 100, tenantLimit: 50);
        Assert.Equal(RequestRefusal.TenantBudgetExceeded, RequestAdmission.Reserve(caller, new(60), Now, out _));
        Assert.Equal(RequestRefusal.KeyBudgetExceeded, RequestAdmission.Reserve(caller, new(101), Now, out _));
        Assert.Equal((0, 0), (caller.KeyAccount.Committed.Micros, caller.TenantAccount.Committed.Micros));
        Assert.Equal(RequestRefusal.None, RequestAdmission.Reserve(caller, new(50), Now, out RequestHold hold));
        Assert.Equal((50, 50), (caller.KeyAccount.Committed.Micros, caller.TenantAccount.Committed.Micros));
        hold.Settle(new(20));
        Assert.Equal((20, 20), (caller.KeyAccount.Committed.Micros, caller.TenantAccount.Committed.Micros));
    }

    private static RequestRefusal Check(KeyFacts key, Tenant tenant) => RequestAdmission.Check(CallerOf(key, tenant, long.MaxValue, long.MaxValue), "claude-x", Now);

    private static Caller CallerOf(KeyFacts key, Tenant tenant, long keyLimit, long tenantLimit) => new(key, tenant, Account(keyLimit), Account(tenantLimit));

    private static BudgetAccount Account(long limit) => new(new(new Usd(limit), BudgetPeriod.Total), Usd.Zero, Now);
}
