using Gigawatt.Admission;
using Gigawatt.Server.Ledger;
using Gigawatt.Tenants;
using Gigawatt.Units;

namespace Gigawatt.Server.Identity;

/// <summary>A key that was just made, or given another secret.</summary>
/// <param name="Facts">What is kept of it.</param>
/// <param name="Secret">The key itself, to be shown once.</param>
internal sealed record NewKey(KeyFacts Facts, string Secret);

/// <summary>Tenants, projects, keys and their accounts: a change goes to the store first, together with its line in the trail, then
/// a new <see cref="KeyRing"/> replaces the old one.</summary>
internal sealed partial class Identities : IDisposable
{
    private readonly Lock _lock = new();
    private readonly IdentityStore _store;
    private readonly byte[] _secret;
    private readonly AccountBook _accounts;
    private readonly TimeProvider _time;
    private IReadOnlyList<BudgetLimit> _serverBudgets = [];
    private IReadOnlyList<RateLimit> _serverLimits = [];
    private volatile KeyRing _ring;

    private Identities(IdentityStore store, byte[] secret, AccountBook accounts, TimeProvider time)
    {
        (_store, _secret, _accounts, _time) = (store, secret, accounts, time);
        _ring = BuildRing();
    }

    /// <summary>The keys as they are now.</summary>
    public KeyRing Ring => _ring;

    /// <summary>Opens <c>identity.db</c> and <c>identity.secret</c> in the data folder.</summary>
    /// <param name="dataFolder">The folder; it exists.</param>
    /// <param name="ledger">Says what the accounts have spent; recovery of the usage journal is over.</param>
    /// <param name="time">The clock that decides which budget period it is.</param>
    /// <param name="journal">Holds what is not in the ledger yet; null when nothing runs.</param>
    /// <exception cref="Durability.StoreException">In use, not writable, of a newer version, or damaged.</exception>
    public static Identities Open(string dataFolder, UsageLedger ledger, TimeProvider time, UsageJournal? journal = null)
    {
        byte[] secret = ServerSecret.Open(Path.Combine(dataFolder, "identity.secret"));
        return new(IdentityStore.Open(Path.Combine(dataFolder, "identity.db")), secret, new AccountBook(ledger, journal, time), time);
    }

    /// <summary>All tenants, by id.</summary>
    public IReadOnlyList<Tenant> Tenants() => _store.Tenants();

    /// <summary>All projects, by tenant and id.</summary>
    public IReadOnlyList<Project> Projects() => _store.Projects();

    /// <summary>All keys, by id.</summary>
    public IReadOnlyList<KeyFacts> Keys() => _store.Keys();

    /// <summary>The newest lines of the trail of changes, newest first.</summary>
    public IReadOnlyList<AuditEntry> Audit(int count) => _store.Audit(count);

    /// <summary>On the first start: a tenant called <c>default</c> and a key for it. Null when there is a key already.</summary>
    public NewKey? CreateFirstKey()
    {
        lock (_lock)
        {
            if (_store.Keys().Count > 0) { return null; }
            if (_store.Tenants().Count == 0) { Save(new Tenant { Id = "default", Name = "Default" }, Actors.Server); }
            return AddKey(new KeyFacts { Id = "", TenantId = _store.Tenants()[0].Id, Name = "first key" }, Actors.Server);
        }
    }

    /// <summary>Adds a tenant or replaces the one of that id. Budgets that stay keep what is spent and reserved of them; others
    /// start with what the ledger holds.</summary>
    public void Save(Tenant tenant, string actor = Actors.Server)
    {
        lock (_lock)
        {
            string? before = IdentityAudit.Text(_store.Tenants().Find(t => t.Id == tenant.Id));
            Change(actor, before is null ? "tenant.create" : "tenant.change", tenant.Id, before, IdentityAudit.Text(tenant), writer => writer.Save(tenant));
        }
    }

    /// <summary>Adds a project or replaces the one of that tenant and id.</summary>
    /// <exception cref="ArgumentException">There is no such tenant.</exception>
    public void Save(Project project, string actor = Actors.Server)
    {
        lock (_lock)
        {
            CheckTenant(project.TenantId);
            string? before = IdentityAudit.Text(FindProject(project.TenantId, project.Id));
            Change(actor, before is null ? "project.create" : "project.change", $"{project.TenantId}/{project.Id}", before, IdentityAudit.Text(project),
                writer => writer.Save(project));
        }
    }

    /// <summary>Makes a key with these facts; its id is drawn here, and its time is now.</summary>
    /// <exception cref="ArgumentException">There is no such tenant or project.</exception>
    public NewKey CreateKey(KeyFacts facts, string actor = Actors.Server)
    {
        lock (_lock)
        {
            CheckTenant(facts.TenantId);
            if (facts.ProjectId.Length > 0 && FindProject(facts.TenantId, facts.ProjectId) is null)
            {
                throw new ArgumentException($"Tenant {facts.TenantId} has no project {facts.ProjectId}.", nameof(facts));
            }

            return AddKey(facts, actor);
        }
    }

    /// <summary>Changes what is known of a key; its secrets stay. False when there is none of that id.</summary>
    public bool Change(string keyId, Func<KeyFacts, KeyFacts> change, string actor)
    {
        lock (_lock)
        {
            if (_store.Keys().Find(k => k.Id == keyId) is not { } key) { return false; }
            KeyFacts changed = change(key);
            Change(actor, "key.change", keyId, IdentityAudit.Text(key), IdentityAudit.Text(changed), writer => writer.Save(changed));
            return true;
        }
    }

    /// <summary>Gives a key another secret. Those it had are accepted for a while longer.</summary>
    /// <returns>Null when there is none of that id that is good.</returns>
    public NewKey? Rotate(string keyId, Duration grace, string actor)
    {
        lock (_lock)
        {
            if (_store.Keys().Find(k => k.Id == keyId) is not { Enabled: true } key) { return null; }
            (string secret, byte[] hash) = Draw();
            string text = IdentityAudit.Text(key)!;
            Write(actor, "key.rotate", keyId, text, text, writer =>
            {
                writer.EndSecrets(keyId, Now + grace, Now);
                writer.AddSecret(keyId, hash);
            });
            return new(key, secret);
        }
    }

    /// <summary>Stops accepting a key at once; false when there is none of that id that was good.</summary>
    public bool Revoke(string keyId, string actor = Actors.Server)
    {
        lock (_lock)
        {
            if (_store.Keys().Find(k => k.Id == keyId) is not { Enabled: true } key) { return false; }
            KeyFacts revoked = key with { Revoked = Now };
            Change(actor, "key.revoke", keyId, IdentityAudit.Text(key), IdentityAudit.Text(revoked), writer => writer.Save(revoked));
            return true;
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _store.Dispose();

    private Instant Now => Instant.From(_time.GetUtcNow());

    private NewKey AddKey(KeyFacts facts, string actor)
    {
        facts = facts with { Id = ApiKey.CreateId(), Created = Now };
        (string secret, byte[] hash) = Draw();
        Change(actor, "key.create", facts.Id, null, IdentityAudit.Text(facts), writer =>
        {
            writer.Save(facts);
            writer.AddSecret(facts.Id, hash);
        });
        return new(facts, secret);
    }

    private (string Secret, byte[] Hash) Draw()
    {
        string secret = ApiKey.Create();
        byte[] hash = new byte[ApiKey.HashLength];
        ApiKey.TryHash(_secret, secret, hash);
        return (secret, hash);
    }

    // Writing what is there already, as every start does with the config file, is no change and leaves no line.
    private void Change(string actor, string action, string subject, string? before, string? after, Action<IdentityWriter> change)
    {
        if (before != after) { Write(actor, action, subject, before, after, change); }
    }

    private void Write(string actor, string action, string subject, string? before, string? after, Action<IdentityWriter> change)
    {
        _store.Change(new AuditEntry(0, Now, actor, action, subject, before, after), change);
        _ring = BuildRing();
    }

    private void CheckTenant(string tenant)
    {
        if (!_store.Tenants().Exists(t => t.Id == tenant)) { throw new ArgumentException($"There is no tenant {tenant}.", nameof(tenant)); }
    }

    private Project? FindProject(string tenant, string id) => _store.Projects().Find(p => p.TenantId == tenant && p.Id == id);
}
