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

    private static BudgetAccount AccountOf(Identities identities, NewKey key) => identities.Ring.Find(key.Secret)!.Accounts.Budgets.Single().Account;

    private Identities Open() => Identities.Open(_folder, _ledger, TimeProvider.System);
}
