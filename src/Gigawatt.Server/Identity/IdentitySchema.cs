namespace Gigawatt.Server.Identity;

/// <summary>The tables of <c>identity.db</c>, one migration after the other.</summary>
internal static class IdentitySchema
{
    /// <summary>The statements that lead from version i to i + 1.</summary>
    public static readonly string[] Migrations =
    [
        """
        CREATE TABLE tenants (
            id TEXT PRIMARY KEY, name TEXT NOT NULL, enabled INTEGER NOT NULL, models TEXT NOT NULL,
            budget_micros INTEGER NOT NULL, budget_period TEXT NOT NULL
        ) STRICT, WITHOUT ROWID;
        CREATE TABLE api_keys (
            id TEXT PRIMARY KEY, tenant_id TEXT NOT NULL REFERENCES tenants (id), name TEXT NOT NULL, hash BLOB NOT NULL UNIQUE,
            created_ns INTEGER NOT NULL, revoked_ns INTEGER, expires_ns INTEGER NOT NULL, models TEXT NOT NULL,
            budget_micros INTEGER NOT NULL, budget_period TEXT NOT NULL
        ) STRICT, WITHOUT ROWID;
        """,

        // Lists are texts with one item a line. No budget was the largest number, and is now no line.
        """
        ALTER TABLE tenants ADD COLUMN budgets TEXT NOT NULL DEFAULT '';
        ALTER TABLE tenants ADD COLUMN limits TEXT NOT NULL DEFAULT '';
        ALTER TABLE tenants ADD COLUMN from_config INTEGER NOT NULL DEFAULT 0;
        UPDATE tenants SET budgets = 'Dollars ' || budget_micros || ' ' || budget_period || ' *' WHERE budget_micros < 9223372036854775807;
        ALTER TABLE tenants DROP COLUMN budget_micros;
        ALTER TABLE tenants DROP COLUMN budget_period;
        CREATE TABLE projects (
            tenant_id TEXT NOT NULL REFERENCES tenants (id), id TEXT NOT NULL, name TEXT NOT NULL, enabled INTEGER NOT NULL,
            models TEXT NOT NULL, budgets TEXT NOT NULL, limits TEXT NOT NULL, from_config INTEGER NOT NULL,
            PRIMARY KEY (tenant_id, id)
        ) STRICT, WITHOUT ROWID;
        ALTER TABLE api_keys RENAME TO old_keys;
        CREATE TABLE api_keys (
            id TEXT PRIMARY KEY, tenant_id TEXT NOT NULL REFERENCES tenants (id), project_id TEXT NOT NULL, name TEXT NOT NULL,
            created_ns INTEGER NOT NULL, revoked_ns INTEGER, expires_ns INTEGER NOT NULL, models TEXT NOT NULL, routes TEXT NOT NULL,
            networks TEXT NOT NULL, priority TEXT NOT NULL, budgets TEXT NOT NULL, limits TEXT NOT NULL
        ) STRICT, WITHOUT ROWID;
        INSERT INTO api_keys SELECT id, tenant_id, '', name, created_ns, revoked_ns, expires_ns, models, '', '', 'Standard',
            CASE WHEN budget_micros < 9223372036854775807 THEN 'Dollars ' || budget_micros || ' ' || budget_period || ' *' ELSE '' END, '' FROM old_keys;
        CREATE TABLE key_secrets (
            hash BLOB PRIMARY KEY, key_id TEXT NOT NULL REFERENCES api_keys (id), expires_ns INTEGER NOT NULL
        ) STRICT, WITHOUT ROWID;
        INSERT INTO key_secrets SELECT hash, id, 9223372036854775807 FROM old_keys;
        DROP TABLE old_keys;
        CREATE TABLE audit (
            number INTEGER PRIMARY KEY, at_ns INTEGER NOT NULL, actor TEXT NOT NULL, action TEXT NOT NULL, subject TEXT NOT NULL,
            before TEXT, after TEXT
        ) STRICT;
        """,
    ];
}
