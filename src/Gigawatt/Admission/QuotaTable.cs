namespace Gigawatt.Admission;

/// <summary>How many accelerators each tenant may hold at once, and does.</summary>
public sealed class QuotaTable
{
    private readonly Dictionary<string, Quota> _byTenant = new(StringComparer.Ordinal);

    /// <summary>Tenants with a limit or with something held, by name.</summary>
    internal IEnumerable<KeyValuePair<string, Quota>> InOrder => _byTenant.OrderBy(p => p.Key, StringComparer.Ordinal);

    /// <summary>The limit of a tenant in thousandths of accelerators, or null when it has none.</summary>
    public long? LimitOf(string tenant) => _byTenant.TryGetValue(tenant, out Quota? quota) ? quota.LimitMilli : null;

    /// <summary>What a tenant holds, in thousandths of accelerators.</summary>
    public long HeldBy(string tenant) => _byTenant.TryGetValue(tenant, out Quota? quota) ? quota.HeldMilli : 0;

    /// <summary>Whether a tenant may hold so much more.</summary>
    public bool Allows(string tenant, long milli) =>
        !_byTenant.TryGetValue(tenant, out Quota? quota) || quota.LimitMilli is not { } limit || quota.HeldMilli + milli <= limit;

    internal void Set(string tenant, long? limitMilli) => Of(tenant).LimitMilli = limitMilli;

    internal void Hold(string tenant, long milli) => Of(tenant).HeldMilli += milli;

    private Quota Of(string tenant)
    {
        if (!_byTenant.TryGetValue(tenant, out Quota? quota)) { _byTenant.Add(tenant, quota = new Quota()); }
        return quota;
    }

    internal sealed class Quota
    {
        public long? LimitMilli { get; set; }

        public long HeldMilli { get; set; }
    }
}
