using Gigawatt.Metering;

namespace Gigawatt.Server.Ledger;

/// <summary>The ledger's tables. Whoever opens the file with another program reads the views <c>usage</c> and <c>usage_by_hour</c>.</summary>
/// <remarks>
/// <para>Records are appended to a table without an index, as an index on a random id costs more than the record; that each is
/// there once follows from the journal position of the same transaction. Only jobs, of which there are few, are told apart by id:
/// a cell that comes back records them again. Texts that repeat are numbers of the table <c>text</c>.</para>
/// <para>Beside each record its hour's sums grow, from which questions are answered. A sum is kept in two columns, of the upper and
/// the lower 32 bits of its parts, because SQLite's own sums end at 64 bits.</para>
/// </remarks>
internal static class UsageSchema
{
    /// <summary>The statements that lead from one schema version to the next.</summary>
    public static readonly string[] Migrations =
    [
        """
        CREATE TABLE usage (
            id TEXT PRIMARY KEY, kind INTEGER NOT NULL, tenant TEXT NOT NULL, key TEXT NOT NULL, subject TEXT NOT NULL,
            endpoint TEXT NOT NULL, started_ns INTEGER NOT NULL, ended_ns INTEGER NOT NULL, day INTEGER NOT NULL,
            input_tokens INTEGER NOT NULL, cache_read_tokens INTEGER NOT NULL, cache_write_tokens INTEGER NOT NULL,
            output_tokens INTEGER NOT NULL, accelerator_ms INTEGER NOT NULL, core_ms INTEGER NOT NULL,
            cost_micros INTEGER NOT NULL, energy_millijoules INTEGER NOT NULL, energy_method INTEGER NOT NULL,
            carbon_micrograms INTEGER NOT NULL, water_microlitres INTEGER NOT NULL,
            outcome TEXT NOT NULL, tokens_estimated INTEGER NOT NULL
        ) STRICT, WITHOUT ROWID;
        CREATE INDEX usage_by_tenant ON usage (tenant, started_ns);
        CREATE INDEX usage_by_time ON usage (started_ns);
        CREATE TABLE journal_position (segment INTEGER NOT NULL, offset INTEGER NOT NULL) STRICT;
        INSERT INTO journal_position VALUES (0, 0);
        """,
        """
        CREATE TABLE text (id INTEGER PRIMARY KEY, value TEXT NOT NULL UNIQUE) STRICT;
        CREATE TABLE record (
            seq INTEGER PRIMARY KEY, id TEXT NOT NULL, kind INTEGER NOT NULL,
            tenant INTEGER NOT NULL, project INTEGER NOT NULL, key INTEGER NOT NULL, subject INTEGER NOT NULL,
            model INTEGER NOT NULL, endpoint INTEGER NOT NULL, format INTEGER NOT NULL, decision INTEGER NOT NULL,
            outcome INTEGER NOT NULL,
            started_ns INTEGER NOT NULL, ended_ns INTEGER NOT NULL, first_byte_ns INTEGER,
            attempts INTEGER NOT NULL, tokens_estimated INTEGER NOT NULL, energy_method INTEGER NOT NULL,
            input_tokens INTEGER NOT NULL, cache_read_tokens INTEGER NOT NULL, cache_write_tokens INTEGER NOT NULL, cache_write_hour_tokens INTEGER NOT NULL,
            output_tokens INTEGER NOT NULL, reasoning_tokens INTEGER NOT NULL, web_searches INTEGER NOT NULL, accelerator_ms INTEGER NOT NULL,
            core_ms INTEGER NOT NULL, cost_micros INTEGER NOT NULL, energy_millijoules INTEGER NOT NULL, carbon_micrograms INTEGER NOT NULL,
            water_microlitres INTEGER NOT NULL
        ) STRICT;
        CREATE UNIQUE INDEX record_of_job ON record (id) WHERE kind = 1;
        CREATE TABLE hour_sum (
            tenant INTEGER NOT NULL, hour INTEGER NOT NULL, project INTEGER NOT NULL, key INTEGER NOT NULL,
            charged INTEGER NOT NULL, endpoint INTEGER NOT NULL, kind INTEGER NOT NULL, outcome INTEGER NOT NULL,
            energy_method INTEGER NOT NULL, records INTEGER NOT NULL, estimated INTEGER NOT NULL,
            input_tokens_high INTEGER NOT NULL, input_tokens_low INTEGER NOT NULL, cache_read_tokens_high INTEGER NOT NULL, cache_read_tokens_low INTEGER NOT NULL,
            cache_write_tokens_high INTEGER NOT NULL, cache_write_tokens_low INTEGER NOT NULL, cache_write_hour_tokens_high INTEGER NOT NULL, cache_write_hour_tokens_low INTEGER NOT NULL,
            output_tokens_high INTEGER NOT NULL, output_tokens_low INTEGER NOT NULL, reasoning_tokens_high INTEGER NOT NULL, reasoning_tokens_low INTEGER NOT NULL,
            web_searches_high INTEGER NOT NULL, web_searches_low INTEGER NOT NULL, accelerator_ms_high INTEGER NOT NULL, accelerator_ms_low INTEGER NOT NULL,
            core_ms_high INTEGER NOT NULL, core_ms_low INTEGER NOT NULL, cost_micros_high INTEGER NOT NULL, cost_micros_low INTEGER NOT NULL,
            energy_millijoules_high INTEGER NOT NULL, energy_millijoules_low INTEGER NOT NULL, carbon_micrograms_high INTEGER NOT NULL, carbon_micrograms_low INTEGER NOT NULL,
            water_microlitres_high INTEGER NOT NULL, water_microlitres_low INTEGER NOT NULL,
            PRIMARY KEY (tenant, hour, project, key, charged, endpoint, kind, outcome, energy_method)
        ) STRICT, WITHOUT ROWID;
        CREATE INDEX hour_sum_by_hour ON hour_sum (hour);
        CREATE VIEW usage_by_hour AS SELECT
            s.hour AS hour, s.kind AS kind, tenant.value AS tenant, project.value AS project, key.value AS key, charged.value AS charged,
            endpoint.value AS endpoint, outcome.value AS outcome, s.energy_method AS energy_method, s.records AS records, s.estimated AS estimated,
            (s.input_tokens_high << 32) + s.input_tokens_low AS input_tokens, (s.cache_read_tokens_high << 32) + s.cache_read_tokens_low AS cache_read_tokens,
            (s.cache_write_tokens_high << 32) + s.cache_write_tokens_low AS cache_write_tokens, (s.cache_write_hour_tokens_high << 32) + s.cache_write_hour_tokens_low AS cache_write_hour_tokens,
            (s.output_tokens_high << 32) + s.output_tokens_low AS output_tokens, (s.reasoning_tokens_high << 32) + s.reasoning_tokens_low AS reasoning_tokens,
            (s.web_searches_high << 32) + s.web_searches_low AS web_searches, (s.accelerator_ms_high << 32) + s.accelerator_ms_low AS accelerator_ms,
            (s.core_ms_high << 32) + s.core_ms_low AS core_ms, (s.cost_micros_high << 32) + s.cost_micros_low AS cost_micros,
            (s.energy_millijoules_high << 32) + s.energy_millijoules_low AS energy_millijoules, (s.carbon_micrograms_high << 32) + s.carbon_micrograms_low AS carbon_micrograms,
            (s.water_microlitres_high << 32) + s.water_microlitres_low AS water_microlitres,
            s.input_tokens_high AS input_tokens_high, s.input_tokens_low AS input_tokens_low,
            s.cache_read_tokens_high AS cache_read_tokens_high, s.cache_read_tokens_low AS cache_read_tokens_low,
            s.cache_write_tokens_high AS cache_write_tokens_high, s.cache_write_tokens_low AS cache_write_tokens_low,
            s.cache_write_hour_tokens_high AS cache_write_hour_tokens_high, s.cache_write_hour_tokens_low AS cache_write_hour_tokens_low,
            s.output_tokens_high AS output_tokens_high, s.output_tokens_low AS output_tokens_low,
            s.reasoning_tokens_high AS reasoning_tokens_high, s.reasoning_tokens_low AS reasoning_tokens_low,
            s.web_searches_high AS web_searches_high, s.web_searches_low AS web_searches_low,
            s.accelerator_ms_high AS accelerator_ms_high, s.accelerator_ms_low AS accelerator_ms_low,
            s.core_ms_high AS core_ms_high, s.core_ms_low AS core_ms_low,
            s.cost_micros_high AS cost_micros_high, s.cost_micros_low AS cost_micros_low,
            s.energy_millijoules_high AS energy_millijoules_high, s.energy_millijoules_low AS energy_millijoules_low,
            s.carbon_micrograms_high AS carbon_micrograms_high, s.carbon_micrograms_low AS carbon_micrograms_low,
            s.water_microlitres_high AS water_microlitres_high, s.water_microlitres_low AS water_microlitres_low
            FROM hour_sum s JOIN text tenant ON tenant.id = s.tenant JOIN text project ON project.id = s.project
            JOIN text key ON key.id = s.key JOIN text charged ON charged.id = s.charged
            JOIN text endpoint ON endpoint.id = s.endpoint JOIN text outcome ON outcome.id = s.outcome;

        INSERT INTO text (value) SELECT tenant FROM usage UNION SELECT key FROM usage UNION SELECT subject FROM usage
            UNION SELECT endpoint FROM usage UNION SELECT outcome FROM usage UNION SELECT '' ORDER BY 1;
        INSERT INTO record (
                id, kind, tenant, project, key, subject, model, endpoint,
                format, decision, outcome, started_ns, ended_ns, first_byte_ns, attempts, tokens_estimated,
                energy_method, input_tokens, cache_read_tokens, cache_write_tokens, cache_write_hour_tokens, output_tokens, reasoning_tokens, web_searches,
                accelerator_ms, core_ms, cost_micros, energy_millijoules, carbon_micrograms, water_microlitres
            ) SELECT
                id, kind, (SELECT id FROM text WHERE value = tenant),
                (SELECT id FROM text WHERE value = ''), (SELECT id FROM text WHERE value = key), (SELECT id FROM text WHERE value = subject),
                (SELECT id FROM text WHERE value = CASE kind WHEN 1 THEN '' ELSE subject END), (SELECT id FROM text WHERE value = endpoint), (SELECT id FROM text WHERE value = ''),
                (SELECT id FROM text WHERE value = ''), (SELECT id FROM text WHERE value = outcome), started_ns,
                ended_ns, NULL, kind = 0,
                tokens_estimated, energy_method, input_tokens,
                cache_read_tokens, cache_write_tokens, 0,
                output_tokens, 0, 0,
                accelerator_ms, core_ms, cost_micros,
                energy_millijoules, carbon_micrograms, water_microlitres
            FROM usage ORDER BY started_ns, id;
        INSERT INTO hour_sum SELECT
            tenant, started_ns / 3600000000000, project, key, CASE kind WHEN 1 THEN subject ELSE model END, endpoint, kind, outcome,
            energy_method, count(*), sum(tokens_estimated),
            sum(input_tokens >> 32), sum(input_tokens & 4294967295),
            sum(cache_read_tokens >> 32), sum(cache_read_tokens & 4294967295),
            sum(cache_write_tokens >> 32), sum(cache_write_tokens & 4294967295),
            sum(cache_write_hour_tokens >> 32), sum(cache_write_hour_tokens & 4294967295),
            sum(output_tokens >> 32), sum(output_tokens & 4294967295),
            sum(reasoning_tokens >> 32), sum(reasoning_tokens & 4294967295),
            sum(web_searches >> 32), sum(web_searches & 4294967295),
            sum(accelerator_ms >> 32), sum(accelerator_ms & 4294967295),
            sum(core_ms >> 32), sum(core_ms & 4294967295),
            sum(cost_micros >> 32), sum(cost_micros & 4294967295),
            sum(energy_millijoules >> 32), sum(energy_millijoules & 4294967295),
            sum(carbon_micrograms >> 32), sum(carbon_micrograms & 4294967295),
            sum(water_microlitres >> 32), sum(water_microlitres & 4294967295)
            FROM record GROUP BY 1, 2, 3, 4, 5, 6, 7, 8, 9;
        DROP TABLE usage;
        CREATE VIEW usage AS SELECT
            r.seq AS seq, r.id AS id, r.kind AS kind, r.started_ns / 3600000000000 AS hour,
            tenant.value AS tenant, project.value AS project, key.value AS key, subject.value AS subject,
            model.value AS model, endpoint.value AS endpoint, format.value AS format, decision.value AS decision,
            outcome.value AS outcome,
            CASE r.kind WHEN 1 THEN subject.value ELSE model.value END AS charged,
            r.started_ns AS started_ns, r.ended_ns AS ended_ns, r.first_byte_ns AS first_byte_ns, r.attempts AS attempts,
            r.tokens_estimated AS tokens_estimated, r.energy_method AS energy_method,
            r.input_tokens AS input_tokens, r.cache_read_tokens AS cache_read_tokens, r.cache_write_tokens AS cache_write_tokens, r.cache_write_hour_tokens AS cache_write_hour_tokens,
            r.output_tokens AS output_tokens, r.reasoning_tokens AS reasoning_tokens, r.web_searches AS web_searches, r.accelerator_ms AS accelerator_ms,
            r.core_ms AS core_ms, r.cost_micros AS cost_micros, r.energy_millijoules AS energy_millijoules, r.carbon_micrograms AS carbon_micrograms,
            r.water_microlitres AS water_microlitres
            FROM record r JOIN text tenant ON tenant.id = r.tenant JOIN text project ON project.id = r.project
            JOIN text key ON key.id = r.key JOIN text subject ON subject.id = r.subject JOIN text model ON model.id = r.model
            JOIN text endpoint ON endpoint.id = r.endpoint JOIN text format ON format.id = r.format
            JOIN text decision ON decision.id = r.decision JOIN text outcome ON outcome.id = r.outcome;
        """,
    ];

    /// <summary>What a record has amounts of, in the order of <see cref="Amounts"/>.</summary>
    public static readonly string[] Quantities =
    [
        "input_tokens", "cache_read_tokens", "cache_write_tokens", "cache_write_hour_tokens",
        "output_tokens", "reasoning_tokens", "web_searches", "accelerator_ms",
        "core_ms", "cost_micros", "energy_millijoules", "carbon_micrograms",
        "water_microlitres",
    ];

    /// <summary>A record's amounts, in the order of <see cref="Quantities"/>.</summary>
    public static void Amounts(UsageRecord record, Span<long> amounts)
    {
        amounts[0] = record.Tokens.Input;
        amounts[1] = record.Tokens.CacheRead;
        amounts[2] = record.Tokens.CacheWrite;
        amounts[3] = record.Tokens.CacheWriteHour;
        amounts[4] = record.Tokens.Output;
        amounts[5] = record.Tokens.Reasoning;
        amounts[6] = record.Tokens.WebSearches;
        amounts[7] = record.AcceleratorMilliseconds;
        amounts[8] = record.CoreMilliseconds;
        amounts[9] = record.Cost.Micros;
        amounts[10] = record.Energy.Millijoules;
        amounts[11] = record.Carbon.Micrograms;
        amounts[12] = record.Water.Microlitres;
    }
}
