using Gigawatt.Configuration;
using Gigawatt.Server.Identity;
using Gigawatt.Server.Requests;
using Gigawatt.Tenants;

namespace Gigawatt.Server.Hosting;

/// <summary>What the config file says of tenants, budgets and the gate, as the server uses it.</summary>
internal static class ConfiguredIdentities
{
    /// <summary>Brings the file's tenants, projects, budgets and limits into force; see <see cref="Identities.Adopt"/>.</summary>
    public static void Adopt(Identities identities, ServerConfig config)
    {
        identities.TrustedProxies = config.TrustedProxies;
        bool named = config.Tenants is not [var only] || !ReferenceEquals(only, TenantConfig.Default);
        if (!named && identities.Tenants().Count == 0) { identities.Save(ToTenant(TenantConfig.Default)); }
        IReadOnlyList<TenantConfig> tenants = named ? config.Tenants : [];
        identities.Adopt([.. tenants.Select(ToTenant)], [.. tenants.SelectMany(ToProjects)], config.Budgets, config.Limits);
    }

    /// <summary>The gate as configured.</summary>
    public static AdmissionGate Gate(GateConfig config, TimeProvider time)
    {
        var gate = new AdmissionGate(int.MaxValue, 0, 0, TimeSpan.Zero, time);
        Change(gate, config);
        return gate;
    }

    /// <summary>Brings other numbers of the gate into force.</summary>
    public static void Change(AdmissionGate gate, GateConfig config)
    {
        int concurrent = config.Concurrent ?? int.MaxValue;
        int reserved = config.Concurrent is null ? 0 : (int)((long)concurrent * config.ProductionShareMilli / 1_000);
        gate.Change(concurrent, reserved, config.Queue, config.MaxWait.ToTimeSpan());
    }

    private static Tenant ToTenant(TenantConfig config) => new()
    {
        Id = config.Name,
        Name = config.Name,
        Models = Models(config.Models),
        Budgets = config.Budgets,
        Limits = config.Limits,
    };

    private static IEnumerable<Project> ToProjects(TenantConfig tenant) => tenant.Projects.Select(project => new Project
    {
        TenantId = tenant.Name,
        Id = project.Name,
        Name = project.Name,
        Models = Models(project.Models),
        Budgets = project.Budgets,
        Limits = project.Limits,
    });

    private static IReadOnlyList<string> Models(IReadOnlyList<string> models) => models is ["*"] ? [] : models;
}
