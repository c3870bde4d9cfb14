using Gigawatt.Admission;
using Gigawatt.Server.Durability;
using Gigawatt.Server.Identity;
using Gigawatt.Server.Ledger;
using Gigawatt.Tenants;
using Gigawatt.Tests.Ledger;
using Gigawatt.Units;

namespace Gigawatt.Tests.Identity;

public sealed class IdentitiesTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("gw-identity-").FullName;
    private readonly UsageLedger _ledger;

    public IdentitiesTests() => _ledger = UsageLedger.Open(Path.Combine(_folder, "ledger.db"));

    public void Dispose()
    {
        _ledger.Dispose();
        Directory.Delete(_folder, recursive: true);
    }

    [Fact]
    public void The_first_start_makes_one_key_and_later_starts_none()
    {
        string key;
        using (Identities identities = Open())
        {
            NewKey first = identities.CreateFirstKey()!;
            key = first.Secret;
            Assert.Matches("^gw-[0-9A-Za-z]{43}$", key);
            Assert.Equal(first.Facts.Id, identities.Ring.Find(key)!.Key.Id);
            Assert.Null(identities.CreateFirstKey());
        }

        using Identities again = Open();
        Assert.Null(again.CreateFirstKey());
        Assert.Equal("default", again.Ring.Find(key)!.Tenant.Id);
    }

    [Fact]
    public void A_key_that_differs_in_any_character_is_not_known()
    {
        using Identities identities = Open();
        string key = identities.CreateFirstKey()!.Secret;
        for (int i = 0; i < key.Length; i++)
        {
            char[] changed = key.ToCharArray();
            changed[i] = changed[i] == 'a' ? 'b' : 'a';
            Assert.Null(identities.Ring.Find(changed));
        }

        Assert.Null(identities.Ring.Find(""));
        Assert.Null(identities.Ring.Find(key + "a"));
        Assert.Null(identities.Ring.Find("gw-ключ"));
        Assert.Null(identities.Ring.Find(new string('a', 5_000)));
    }

    [Fact]
    public void The_key_itself_is_nowhere_in_the_data_folder_and_the_secret_is_for_its_owner_only()
    {
        string key;
        using (Identities identities = Open()) { key = identities.CreateFirstKey()!.Secret; }
        byte[] needle = System.Text.Encoding.ASCII.GetBytes(key);
        foreach (string file in Directory.GetFiles(_folder))
        {
            Assert.Equal(-1, File.ReadAllBytes(file).AsSpan().IndexOf(needle));
        }

        if (!OperatingSystem.IsWindows())
        {
            Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(Path.Combine(_folder, "identity.secret")));
        }
    }

    [Fact]
    public void A_revoked_key_is_refused_at_once_and_after_a_restart()
    {
        string key;
        using (Identities identities = Open())
        {
            NewKey made = identities.CreateFirstKey()!;
            key = made.Secret;
            Assert.True(identities.Revoke(made.Facts.Id));
            Assert.False(identities.Revoke("key_none"));
            Assert.NotNull(identities.Ring.Find(key)!.Key.Revoked);
        }

        using Identities again = Open();
        Assert.NotNull(again.Ring.Find(key)!.Key.Revoked);
    }

    [Fact]
    public void Accounts_live_on_when_a_limit_changes_and_start_with_what_the_ledger_holds()
    {
        NewKey key;
        Instant now = Instant.From(DateTimeOffset.UtcNow);
        using (Identities identities = Open())
        {
            key = identities.CreateFirstKey()!;
            identities.Save(new Tenant { Id = "default", Name = "Default", Budgets = [new(new Usd(100), BudgetPeriod.Month)] });
            BudgetAccount account = AccountOf(identities, key);
            Assert.True(account.TryReserve(60, now, out _));
            identities.Save(new Tenant { Id = "default", Name = "Default", Budgets = [new(new Usd(80), BudgetPeriod.Month)] });
            Assert.Same(account, AccountOf(identities, key));
            Assert.False(account.TryReserve(21, now, out _));
        }

        _ledger.Add([UsageRecords.Record("r1", 75, tenant: "default", started: now)], new(1, 1));
        using Identities again = Open();
        Assert.Equal(75, AccountOf(again, key).Committed);
    }

    [Fact]
    public void A_secret_of_the_wrong_length_is_refused()
    {
        File.WriteAllBytes(Path.Combine(_folder, "identity.secret"), [1, 2, 3]);
        Assert.Equal(StoreProblem.Corrupt, Assert.Throws<StoreException>(Open).Problem);
    }

    [Fact]
    public void A_rotated_key_has_two_secrets_for_a_while_and_then_one()
    {
        var time = new FakeTime();
        using Identities identities = Identities.Open(_folder, _ledger, time);
        NewKey first = identities.CreateFirstKey()!;
        NewKey second = identities.Rotate(first.Facts.Id, Duration.FromSeconds(60), "operator")!;
        Assert.Equal(first.Facts.Id, second.Facts.Id);
        RequestRefusal Check(NewKey key) => RequestAdmission.CheckKey(identities.Ring.Find(key.Secret)!, Instant.From(time.GetUtcNow()));
        Assert.Equal((RequestRefusal.None, RequestRefusal.None), (Check(first), Check(second)));
        Assert.Same(identities.Ring.Find(first.Secret)!.Accounts, identities.Ring.Find(second.Secret)!.Accounts);
        time.Now += TimeSpan.FromSeconds(60);
        Assert.Equal((RequestRefusal.KeyExpired, RequestRefusal.None), (Check(first), Check(second)));
        // The next rotation forgets secrets that have ended.
        NewKey third = identities.Rotate(first.Facts.Id, Duration.Zero, "operator")!;
        Assert.Null(identities.Ring.Find(first.Secret));
        Assert.Equal((RequestRefusal.KeyExpired, RequestRefusal.None), (Check(second), Check(third)));
        identities.Revoke(first.Facts.Id);
        Assert.Equal(RequestRefusal.KeyRevoked, Check(third));
        Assert.Null(identities.Rotate(first.Facts.Id, Duration.Zero, "operator"));
    }

    [Fact]
    public void Everything_known_of_a_key_and_a_project_is_there_after_a_restart()
    {
        var limits = new RateLimit[] { new(RateKind.InputTokens, 40_000, "claude-*"), new(RateKind.Concurrent, 4) };
        var budgets = new BudgetLimit[] { new(BudgetUnit.Joules, 5, BudgetPeriod.Week), new(BudgetUnit.Grams, 7, BudgetPeriod.Total, "gpt-*") };
        NewKey key;
        using (Identities identities = Open())
        {
            identities.Save(new Tenant { Id = "acme", Name = "Acme", Limits = limits, Enabled = false });
            identities.Save(new Project { TenantId = "acme", Id = "bot", Name = "Bot", Budgets = budgets, Models = ["a", "b*"] });
            key = identities.CreateKey(new KeyFacts
            {
                Id = "", TenantId = "acme", ProjectId = "bot", Name = "k", Expires = new(long.MaxValue - 1), Models = ["m*"], Routes = ["/v1/messages*"],
                Networks = [System.Net.IPNetwork.Parse("10.0.0.0/8")], Priority = Workloads.Priority.Production, Budgets = budgets, Limits = limits,
            });
            Assert.Throws<ArgumentException>(() => identities.CreateKey(new KeyFacts { Id = "", TenantId = "acme", ProjectId = "none", Name = "k" }));
        }

        using Identities again = Open();
        Caller caller = again.Ring.Find(key.Secret)!;
        Assert.Equal(("bot", new Instant(long.MaxValue - 1), Workloads.Priority.Production), (caller.Key.ProjectId, caller.Expires, caller.Key.Priority));
        Assert.Equal([["m*"], ["/v1/messages*"], ["a", "b*"]], new[] { caller.Key.Models, caller.Key.Routes, caller.Project!.Models });
        Assert.Equal("10.0.0.0/8", caller.Key.Networks.Single().ToString());
        Assert.Equal([.. budgets, .. budgets], caller.Accounts.Budgets.Select(b => b.Account.Limit));
        Assert.Equal([AccountScope.Key, AccountScope.Key, AccountScope.Project, AccountScope.Project], caller.Accounts.Budgets.Select(b => b.Scope));
        Assert.Equal([.. limits, .. limits], caller.Accounts.Rates.Select(r => r.Account.Limit));
        Assert.False(caller.Tenant.Enabled);
    }

    [Fact]
    public void Accounts_of_projects_keys_models_and_the_server_start_with_what_the_ledger_holds()
    {
        Instant now = Instant.From(DateTimeOffset.UtcNow);
        NewKey one, two, other;
        using (Identities identities = Open())
        {
            BudgetLimit[] budgets = [new(new Usd(1_000), BudgetPeriod.Total), new(BudgetUnit.Dollars, 1_000, BudgetPeriod.Total, "claude-*")];
            identities.Save(new Tenant { Id = "acme", Name = "Acme", Budgets = budgets });
            identities.Save(new Tenant { Id = "other", Name = "Other" });
            identities.Save(new Project { TenantId = "acme", Id = "bot", Name = "Bot", Budgets = budgets });
            one = identities.CreateKey(new KeyFacts { Id = "", TenantId = "acme", ProjectId = "bot", Name = "1", Budgets = budgets });
            two = identities.CreateKey(new KeyFacts { Id = "", TenantId = "acme", Name = "2", Budgets = budgets });
            other = identities.CreateKey(new KeyFacts { Id = "", TenantId = "other", Name = "3" });
        }

        _ledger.Add([
            UsageRecords.Record("r1", 1, tenant: "acme", started: now) with { Key = one.Facts.Id, Subject = "claude-a" },
            UsageRecords.Record("r2", 20, tenant: "acme", started: now) with { Key = one.Facts.Id, Subject = "gpt-a" },
            UsageRecords.Record("r3", 300, tenant: "acme", started: now) with { Key = two.Facts.Id, Subject = "claude-a" },
            UsageRecords.Record("r4", 4_000, tenant: "other", started: now) with { Key = other.Facts.Id, Subject = "claude-a" },
        ], new(1, 1));
        using Identities again = Open();
        again.Adopt([], [], [new(new Usd(1_000), BudgetPeriod.Total)], []);
        Assert.Equal([21, 1, 21, 1, 321, 301, 4_321], again.Ring.Find(one.Secret)!.Accounts.Budgets.Select(b => b.Account.Committed));
        Assert.Equal([300, 300, 321, 301, 4_321], again.Ring.Find(two.Secret)!.Accounts.Budgets.Select(b => b.Account.Committed));
        // What several callers share is one account.
        Assert.Same(again.Ring.Find(one.Secret)!.Accounts.Budgets[^1].Account, again.Ring.Find(other.Secret)!.Accounts.Budgets[^1].Account);
    }

    [Fact]
    public void A_budget_that_was_taken_out_and_comes_back_counts_what_was_spent_meanwhile()
    {
        Instant now = Instant.From(DateTimeOffset.UtcNow);
        using Identities identities = Open();
        NewKey key = identities.CreateFirstKey()!;
        Tenant limited = new() { Id = "default", Name = "Default", Budgets = [new(new Usd(1_000), BudgetPeriod.Total)] };
        identities.Save(limited);
        Assert.Equal(0, AccountOf(identities, key).Committed);
        identities.Save(limited with { Budgets = [] });
        _ledger.Add([UsageRecords.Record("r1", 700, tenant: "default", started: now)], new(1, 1));
        identities.Save(limited);
        Assert.Equal(700, AccountOf(identities, key).Committed);
        // A new amount is no new budget.
        BudgetAccount before = AccountOf(identities, key);
        identities.Save(limited with { Budgets = [new(new Usd(2_000), BudgetPeriod.Total)] });
        Assert.Same(before, AccountOf(identities, key));
    }

    [Fact]
    public void Every_change_leaves_a_line_with_before_and_after_and_nothing_secret()
    {
        using Identities identities = Open();
        NewKey key = identities.CreateFirstKey()!;
        identities.Save(new Tenant { Id = "default", Name = "Default" });
        identities.Save(new Tenant { Id = "default", Name = "Default", Budgets = [new(new Usd(5), BudgetPeriod.Day)] }, "operator");
        NewKey rotated = identities.Rotate(key.Facts.Id, Duration.Zero, "operator")!;
        identities.Change(key.Facts.Id, k => k with { Limits = [new(RateKind.Requests, 60)] }, "operator");
        identities.Revoke(key.Facts.Id, "operator");
        IReadOnlyList<AuditEntry> trail = identities.Audit(100);
        Assert.Equal(["key.revoke", "key.change", "key.rotate", "tenant.change", "key.create", "tenant.create"], trail.Select(e => e.Action));
        Assert.Equal(["operator", "operator", "operator", "operator", "server", "server"], trail.Select(e => e.Actor));
        Assert.Contains("\"budgets\":[]", trail[3].Before, StringComparison.Ordinal);
        Assert.Contains("$0.000005 per day", trail[3].After, StringComparison.Ordinal);
        Assert.Null(trail[4].Before);
        Assert.All(trail, e => Assert.DoesNotContain(rotated.Secret, e.Before + e.After, StringComparison.Ordinal));
        Assert.Equal(2, identities.Audit(2).Count);
    }

    [Fact]
    public void What_the_config_file_names_is_the_files_and_what_it_drops_stays_as_it_was()
    {
        using Identities identities = Open();
        NewKey key = identities.CreateFirstKey()!;
        Tenant filed = new() { Id = "default", Name = "Default", Limits = [new(RateKind.Requests, 10)] };
        identities.Adopt([filed], [new Project { TenantId = "default", Id = "bot", Name = "Bot" }], [], []);
        int lines = identities.Audit(100).Count;
        identities.Adopt([filed], [new Project { TenantId = "default", Id = "bot", Name = "Bot" }], [], []);
        Assert.Equal(lines, identities.Audit(100).Count);
        Assert.True(identities.Tenants().Single().FromConfig && identities.Projects().Single().FromConfig);
        identities.Adopt([], [], [], []);
        Assert.False(identities.Tenants().Single().FromConfig || identities.Projects().Single().FromConfig);
        Assert.Equal(10, identities.Ring.Find(key.Secret)!.Accounts.Rates.Single().Account.Limit.Amount);
    }

    [Fact]
    public void A_store_of_the_first_version_keeps_its_tenants_keys_and_budgets()
    {
        string path = Path.Combine(_folder, "identity.db");
        using (Microsoft.Data.Sqlite.SqliteConnection old = SqliteFile.Open(path, IdentitySchema.Migrations[..1]))
        {
            string rest = new('0', 62);
            SqliteFile.Execute(old, $$"""
                INSERT INTO tenants VALUES ('acme', 'Acme', 1, 'claude-*', 5000000, 'Month'), ('free', 'Free', 0, '', 9223372036854775807, 'Month');
                INSERT INTO api_keys VALUES ('key_1', 'acme', 'k', x'01{{rest}}', 1, NULL, 9223372036854775807, 'm', 7, 'Day'), ('key_2', 'free', 'l', x'02{{rest}}', 2, 3, 4, '', 9223372036854775807, 'Month');
                """);
        }

        using Identities identities = Open();
        Assert.Equal([[new(new Usd(5_000_000), BudgetPeriod.Month)], []], identities.Tenants().Select(t => t.Budgets));
        Assert.Equal([[new(new Usd(7), BudgetPeriod.Day)], []], identities.Keys().Select(k => k.Budgets));
        Assert.Equal((2, true, false), (identities.Ring.Count, identities.Keys()[0].Enabled, identities.Keys()[1].Enabled));
        Assert.Equal(["claude-*"], identities.Tenants()[0].Models);
        Assert.Equal(["m"], identities.Keys()[0].Models);
    }

    private sealed class FakeTime : TimeProvider
    {
        public DateTimeOffset Now { get; set; } = new(2026, 11, 23, 9, 0, 0, TimeSpan.Zero);

        public override DateTimeOffset GetUtcNow() => Now;
    }

    private static BudgetAccount AccountOf(Identities identities, NewKey key) => identities.Ring.Find(key.Secret)!.Accounts.Budgets.Single().Account;

    private Identities Open() => Identities.Open(_folder, _ledger, TimeProvider.System);
}
