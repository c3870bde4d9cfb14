using System.Globalization;
using System.Text.Json;
using Gigawatt.Tenants;
using Gigawatt.Units;
using Gigawatt.Wire.Control;
using Gigawatt.Workloads;

namespace Gigawatt.Server.Identity;

/// <summary>Who changes things, as the trail names them.</summary>
internal static class Actors
{
    /// <summary>The operator, over the control API.</summary>
    public const string Operator = "operator";

    /// <summary>The config file.</summary>
    public const string ConfigFile = "config file";

    /// <summary>The server itself, at its first start.</summary>
    public const string Server = "server";
}

/// <summary>Tenants, projects and keys as the control API shows them, and as JSON for the trail. No secret is in any of them.</summary>
internal static class IdentityAudit
{
    /// <summary>As JSON; null for nothing.</summary>
    public static string? Text(Tenant? tenant) => tenant is null ? null : JsonSerializer.Serialize(View(tenant), ControlJson.Default.TenantView);

    /// <summary>As JSON; null for nothing.</summary>
    public static string? Text(Project? project) => project is null ? null : JsonSerializer.Serialize(View(project), ControlJson.Default.ProjectView);

    /// <summary>As JSON.</summary>
    public static string Text(KeyFacts key) => JsonSerializer.Serialize(View(key), ControlJson.Default.KeyView);

    /// <summary>As the control API shows it.</summary>
    public static TenantView View(Tenant tenant) => new(
        tenant.Id, tenant.Enabled, tenant.FromConfig ? "config" : "api", tenant.Models, Texts(tenant.Budgets), Texts(tenant.Limits));

    /// <summary>As the control API shows it.</summary>
    public static ProjectView View(Project project) => new(
        project.TenantId, project.Id, project.Enabled, project.FromConfig ? "config" : "api", project.Models, Texts(project.Budgets), Texts(project.Limits));

    /// <summary>As the control API shows it.</summary>
    public static KeyView View(KeyFacts key) => new(key.Id, key.TenantId, key.Name, key.Enabled, null)
    {
        Project = key.ProjectId.Length == 0 ? null : key.ProjectId,
        Created = key.Created.ToDateTimeOffset(),
        Expires = key.Expires == Instant.Never ? null : key.Expires.ToDateTimeOffset(),
        Revoked = key.Revoked?.ToDateTimeOffset(),
        Models = key.Models,
        Routes = key.Routes,
        Addresses = [.. key.Networks.Select(static n => n.ToString())],
        Priority = key.Priority.Name(),
        Budgets = Texts(key.Budgets),
        Limits = Texts(key.Limits),
    };

    private static string[] Texts<T>(IEnumerable<T> items) where T : notnull => [.. items.Select(static i => string.Create(CultureInfo.InvariantCulture, $"{i}"))];
}
