using Gigawatt.Tenants;
using Gigawatt.Units;
using Microsoft.Data.Sqlite;

namespace Gigawatt.Server.Identity;

/// <summary>One line of the trail: who changed what, when, and how it was before and after.</summary>
/// <param name="Number">Its place in the trail; 0 until it is written.</param>
/// <param name="At">When.</param>
/// <param name="Actor">Who: <c>operator</c>, <c>config file</c> or <c>server</c>.</param>
/// <param name="Action">What was done, such as <c>key.rotate</c>.</param>
/// <param name="Subject">To whom: a key's id, a tenant, or a project as <c>tenant/project</c>.</param>
/// <param name="Before">JSON, without secrets; null when it was not there.</param>
/// <param name="After">The same after the change.</param>
internal sealed record AuditEntry(long Number, Instant At, string Actor, string Action, string Subject, string? Before, string? After);

/// <summary>Writes inside one transaction of <see cref="IdentityStore"/>.</summary>
internal sealed class IdentityWriter(SqliteConnection connection)
{
    /// <summary>Adds the tenant, or replaces the one of that id.</summary>
    public void Save(Tenant tenant) => Write(
        """
        INSERT INTO tenants (id, name, enabled, models, budgets, limits, from_config) VALUES ($id, $name, $enabled, $models, $budgets, $limits, $config)
        ON CONFLICT (id) DO UPDATE SET name = $name, enabled = $enabled, models = $models, budgets = $budgets, limits = $limits, from_config = $config;
        """,
        ("$id", tenant.Id), ("$name", tenant.Name), ("$enabled", tenant.Enabled), ("$models", IdentityText.OfLines(tenant.Models)),
        ("$budgets", IdentityText.Of(tenant.Budgets)), ("$limits", IdentityText.Of(tenant.Limits)), ("$config", tenant.FromConfig));

    /// <summary>Adds the project, or replaces the one of that tenant and id.</summary>
    public void Save(Project project) => Write(
        """
        INSERT INTO projects (tenant_id, id, name, enabled, models, budgets, limits, from_config)
        VALUES ($tenant, $id, $name, $enabled, $models, $budgets, $limits, $config)
        ON CONFLICT (tenant_id, id) DO UPDATE SET name = $name, enabled = $enabled, models = $models, budgets = $budgets, limits = $limits, from_config = $config;
        """,
        ("$tenant", project.TenantId), ("$id", project.Id), ("$name", project.Name), ("$enabled", project.Enabled),
        ("$models", IdentityText.OfLines(project.Models)), ("$budgets", IdentityText.Of(project.Budgets)),
        ("$limits", IdentityText.Of(project.Limits)), ("$config", project.FromConfig));

    /// <summary>Adds the key, or replaces the one of that id. Its tenant, project and time stay what they were.</summary>
    public void Save(KeyFacts key) => Write(
        """
        INSERT INTO api_keys VALUES ($id, $tenant, $project, $name, $created, $revoked, $expires, $models, $routes, $networks, $priority, $budgets, $limits)
        ON CONFLICT (id) DO UPDATE SET name = $name, revoked_ns = $revoked, expires_ns = $expires, models = $models, routes = $routes,
            networks = $networks, priority = $priority, budgets = $budgets, limits = $limits;
        """,
        ("$id", key.Id), ("$tenant", key.TenantId), ("$project", key.ProjectId), ("$name", key.Name), ("$created", key.Created.Nanoseconds),
        ("$revoked", key.Revoked is { } revoked ? revoked.Nanoseconds : DBNull.Value), ("$expires", key.Expires.Nanoseconds),
        ("$models", IdentityText.OfLines(key.Models)), ("$routes", IdentityText.OfLines(key.Routes)), ("$networks", IdentityText.OfLines(key.Networks.Select(n => n.ToString()))),
        ("$priority", key.Priority.ToString()), ("$budgets", IdentityText.Of(key.Budgets)), ("$limits", IdentityText.Of(key.Limits)));

    /// <summary>Adds a secret of a key that is accepted until it is replaced.</summary>
    public void AddSecret(string keyId, byte[] hash) => Write(
        "INSERT INTO key_secrets VALUES ($hash, $key, $expires);", ("$hash", hash), ("$key", keyId), ("$expires", Instant.Never.Nanoseconds));

    /// <summary>Ends a key's secrets at a time, those that end earlier by themselves excepted; those that have ended are forgotten.</summary>
    public void EndSecrets(string keyId, Instant end, Instant now)
    {
        Write("DELETE FROM key_secrets WHERE key_id = $key AND expires_ns <= $now;", ("$key", keyId), ("$now", now.Nanoseconds));
        Write("UPDATE key_secrets SET expires_ns = $end WHERE key_id = $key AND expires_ns > $end;", ("$key", keyId), ("$end", end.Nanoseconds));
    }

    /// <summary>Adds a line to the trail.</summary>
    public void Note(AuditEntry entry) => Write(
        "INSERT INTO audit (at_ns, actor, action, subject, before, after) VALUES ($at, $actor, $action, $subject, $before, $after);",
        ("$at", entry.At.Nanoseconds), ("$actor", entry.Actor), ("$action", entry.Action), ("$subject", entry.Subject),
        ("$before", entry.Before ?? (object)DBNull.Value), ("$after", entry.After ?? (object)DBNull.Value));

    private void Write(string sql, params ReadOnlySpan<(string Name, object Value)> parameters)
    {
        using SqliteCommand command = connection.CreateCommand();
        command.CommandText = sql;
        foreach ((string name, object value) in parameters) { command.Parameters.AddWithValue(name, value); }
        command.ExecuteNonQuery();
    }
}
