using Gigawatt.Configuration.Reading;

namespace Gigawatt.Configuration.Migration;

/// <summary>Makes one of our config files of a LiteLLM proxy's <c>config.yaml</c>.</summary>
internal sealed class LiteLlmMigration
{
    private static readonly string[] Callbacks = ["callbacks", "success_callback", "failure_callback", "service_callbacks", "audit_log_callbacks"];

    private readonly MigrationNotes _notes = new();
    private readonly Draft _draft = new();
    private readonly DraftProviders _providers;
    private readonly LiteLlmModels _models;

    private LiteLlmMigration(Func<string, string?> variable)
    {
        _providers = new DraftProviders(variable);
        _models = new LiteLlmModels(_draft, _providers);
    }

    /// <summary>Converts the text of a file.</summary>
    /// <param name="text">The YAML.</param>
    /// <param name="fileName">What problems call it.</param>
    /// <param name="variable">Reads the environment, for addresses and regions; never asked for a key.</param>
    public static Loaded<MigratedConfig> Read(string text, string fileName, Func<string, string?> variable)
    {
        var problems = new Problems(fileName);
        Node? root = YamlTree.Parse(text, problems);
        if (problems.Count == 0 && root is not MapNode) { problems.Add(0, 0, "this is not the config file of a LiteLLM proxy; it starts with fields such as model_list:"); }
        return problems.Result(() => new LiteLlmMigration(variable).Convert((MapNode)root!));
    }

    private MigratedConfig Convert(MapNode map)
    {
        var root = new ForeignMap(map, "", _notes);
        _models.Read(root);
        var router = new ForeignMap(new MapNode(1, 1), "router_settings", _notes);
        router = root.Map("router_settings") ?? router;
        ForeignMap settings = root.Map("litellm_settings") ?? new ForeignMap(new MapNode(1, 1), "litellm_settings", _notes);
        new LiteLlmRoutes(_draft, _models.Deployments).Read(router, settings);
        ReadSettings(settings);
        ReadGeneral(root.Map("general_settings"), _draft);
        ReadRest(root, router);
        string yaml = DraftWriter.Write("litellm", _draft, _providers.All, static _ => []);
        return new MigratedConfig(yaml, _notes.InOrder(), DraftWriter.Variables(_providers.All));
    }

    private void ReadSettings(ForeignMap settings)
    {
        foreach (string name in Callbacks)
        {
            settings.Drop(name, "callbacks have no equivalent; usage is in the ledger (gw usage), which every request is written to");
        }

        foreach (string name in (ReadOnlySpan<string>)["drop_params", "modify_params"])
        {
            settings.Drop(name, "nothing is dropped or changed in silence: what a provider cannot take is refused with the field's name");
        }

        ReadBudget(settings);
        settings.Skip("set_verbose", "json_logs", "turn_off_message_logging", "redact_user_api_key_info", "langfuse_default_tags", "telemetry", "suppress_debug_info");
        settings.DropRest("our file has nothing of this kind");
    }

    private void ReadBudget(ForeignMap settings)
    {
        if (settings.Number("max_budget") is not { } dollars)
        {
            settings.Skip("budget_duration");
            return;
        }

        string? period = settings.Text("budget_duration") switch
        {
            null => "in total",
            "1d" or "24h" or "daily" => "per day",
            "7d" or "1w" or "weekly" => "per week",
            "30d" or "31d" or "1mo" or "monthly" => "per month",
            _ => null,
        };
        if (period is null)
        {
            settings.Note("budget_duration", "budgets are for a day, a week, a month or in total; the amount is written as a budget for a month");
            period = "per month";
        }

        _draft.Budget = FormattableString.Invariant($"${dollars:0.######} {period}");
    }

    private static void ReadGeneral(ForeignMap? general, Draft draft)
    {
        if (general is null) { return; }
        general.Drop("master_key", "the key is not copied; the first start shows a key, and gw key create makes more");
        foreach (string name in (ReadOnlySpan<string>)["database_url", "database_type", "store_model_in_db", "database_connection_pool_limit", "database_connection_timeout"])
        {
            general.Drop(name, "there is no database to set up; keys, teams and spend that LiteLLM keeps in its own are made anew with gw key create and tenants:");
        }

        foreach (string name in (ReadOnlySpan<string>)["alerting", "alerting_threshold", "alert_types", "alerting_args", "slack_alerting"])
        {
            general.Drop(name, "no alerts are sent; watch the server's metrics");
        }

        if (general.Number("global_max_parallel_requests") is >= 1 and <= 1_000_000 and { } most) { draft.Concurrent = (int)most; }
        general.Drop("max_parallel_requests", "deployments have no limit of their own; limits are for tenants and keys, and for the whole server");
        general.Skip("disable_spend_logs", "disable_master_key_return", "disable_reset_budget", "completion_model", "proxy_batch_write_at");
        general.DropRest("our file has nothing of this kind");
    }

    private static void ReadRest(ForeignMap root, ForeignMap router)
    {
        foreach (string name in (ReadOnlySpan<string>)["redis_host", "redis_port", "redis_password", "redis_url"])
        {
            router.Drop(name, "one server needs no shared store");
        }

        foreach (string name in (ReadOnlySpan<string>)["allowed_fails", "cooldown_time", "allowed_fails_policy", "retry_policy", "disable_cooldowns", "retry_after"])
        {
            router.Drop(name, "which failures are tried again, and how long a failing provider is left alone, is decided by what it answers");
        }

        router.Skip("set_verbose", "debug_level", "routing_strategy_args", "num_retries", "timeout");
        router.DropRest("our file has nothing of this kind");
        if (root.Map("environment_variables") is { } variables)
        {
            foreach (string name in variables.Names) { variables.Note(name, "our file sets no environment variables; set this one where the server starts"); }
        }

        root.Drop("include", "migrate the included files too");
        foreach (string name in (ReadOnlySpan<string>)["guardrails", "mcp_servers", "vector_store_registry", "search_tools", "prompts", "policies"])
        {
            root.Drop(name, "Gigawatt has nothing of this kind");
        }

        root.DropRest("our file has nothing of this kind");
    }
}
