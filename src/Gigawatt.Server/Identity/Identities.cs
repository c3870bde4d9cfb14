using Gigawatt.Admission;
using Gigawatt.Metering;
using Gigawatt.Server.Ledger;
using Gigawatt.Tenants;
using Gigawatt.Units;

namespace Gigawatt.Server.Identity;

/// <summary>A key that was just made.</summary>
/// <param name="Facts">What is kept of it.</param>
/// <param name="Secret">The key itself, to be shown once.</param>
internal sealed record NewKey(KeyFacts Facts, string Secret);

/// <summary>Tenants, keys and their accounts: changes go to the store first, then a new <see cref="KeyRing"/> replaces the old one.</summary>
internal sealed class Identities : IDisposable
{
    private readonly Lock _lock = new();
    private readonly Dictionary<(string Tenant, string Key), BudgetAccount> _accounts = [];
    private readonly IdentityStore _store;
    private readonly byte[] _secret;
    private readonly UsageLedger _ledger;
    private readonly TimeProvider _time;
    private volatile KeyRing _ring;

    private Identities(IdentityStore store, byte[] secret, UsageLedger ledger, TimeProvider time)
    {
        (_store, _secret, _ledger, _time) = (store, secret, ledger, time);
        _ring = BuildRing();
    }

    /// <summary>The keys as they are now.</summary>
    public KeyRing Ring => _ring;

    /// <summary>Opens <c>identity.db</c> and <c>identity.secret</c> in the data folder.</summary>
    /// <param name="dataFolder">The folder; it exists.</param>
    /// <param name="ledger">Says what the accounts have spent; recovery of the usage journal is over.</param>
    /// <param name="time">The clock that decides which budget period it is.</param>
    /// <exception cref="Durability.StoreException">In use, not writable, of a newer version, or damaged.</exception>
    public static Identities Open(string dataFolder, UsageLedger ledger, TimeProvider time)
    {
        byte[] secret = ServerSecret.Open(Path.Combine(dataFolder, "identity.secret"));
        return new(IdentityStore.Open(Path.Combine(dataFolder, "identity.db")), secret, ledger, time);
    }

    /// <summary>All tenants, by id.</summary>
    public IReadOnlyList<Tenant> Tenants() => _store.Tenants();

    /// <summary>All keys, by id.</summary>
    public IReadOnlyList<KeyFacts> Keys() => [.. _store.Keys().Select(k => k.Key)];

    /// <summary>On the first start: a tenant called <c>default</c> and a key for it. Null when there is a key already.</summary>
    public NewKey? CreateFirstKey()
    {
        lock (_lock)
        {
            if (_store.Keys().Count > 0) { return null; }
            if (_store.Tenants().Count == 0) { _store.Save(new Tenant { Id = "default", Name = "Default" }); }
            return AddKey(new KeyFacts { Id = "", TenantId = _store.Tenants()[0].Id, Name = "first key" });
        }
    }

    /// <summary>Adds a tenant or replaces the one of that id. Another budget period counts what the ledger holds for it; work
    /// under way stays charged to the period it was admitted in.</summary>
    public void Save(Tenant tenant)
    {
        lock (_lock)
        {
            _store.Save(tenant);
            _ring = BuildRing();
        }
    }

    /// <summary>Makes a key with these facts; its id is drawn here, and its time is now.</summary>
    /// <exception cref="ArgumentException">There is no such tenant.</exception>
    public NewKey CreateKey(KeyFacts facts)
    {
        lock (_lock)
        {
            if (_store.Tenants().All(t => t.Id != facts.TenantId)) { throw new ArgumentException($"There is no tenant {facts.TenantId}.", nameof(facts)); }
            return AddKey(facts);
        }
    }

    /// <summary>Stops accepting a key at once; false when there is none of that id that was good.</summary>
    public bool Revoke(string keyId)
    {
        lock (_lock)
        {
            bool found = _store.Revoke(keyId, Now);
            _ring = BuildRing();
            return found;
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _store.Dispose();

    private Instant Now => Instant.From(_time.GetUtcNow());

    private NewKey AddKey(KeyFacts facts)
    {
        facts = facts with { Id = ApiKey.CreateId(), Created = Now };
        string key = ApiKey.Create();
        byte[] hash = new byte[ApiKey.HashLength];
        ApiKey.TryHash(_secret, key, hash);
        _store.Add(facts, hash);
        _ring = BuildRing();
        return new(facts, key);
    }

    private KeyRing BuildRing()
    {
        Dictionary<string, Tenant> tenants = _store.Tenants().ToDictionary(t => t.Id);
        return new(_secret, _store.Keys().Select(k =>
        {
            Tenant tenant = tenants[k.Key.TenantId];
            var caller = new Caller(k.Key, tenant, Account(tenant.Id, k.Key.Id, k.Key.Budget), Account(tenant.Id, "", tenant.Budget));
            return (k.Hash, caller);
        }));
    }

    /// <summary>The account of a key, or of a tenant where <paramref name="key"/> is empty. It lives on when the ring is replaced.</summary>
    private BudgetAccount Account(string tenant, string key, BudgetLimit limit)
    {
        if (_accounts.TryGetValue((tenant, key), out BudgetAccount? account) && account.Limit.Period == limit.Period)
        {
            account.Limit = limit;
            return account;
        }

        Instant now = Now;
        // Requests only, as only requests are charged to accounts while the server runs.
        var query = new UsageQuery { Tenant = tenant, Key = key.Length == 0 ? null : key, From = limit.PeriodAt(now).Start, Kind = UsageKind.Request };
        Int128 spent = _ledger.Query(query).Aggregate(Int128.Zero, (sum, row) => sum + row.CostMicros);
        account = new(limit, new Usd((long)Int128.Min(spent, long.MaxValue)), now);
        return _accounts[(tenant, key)] = account;
    }
}
