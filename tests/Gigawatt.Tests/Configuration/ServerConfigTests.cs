using Gigawatt.Configuration;
using Gigawatt.Models;
using Gigawatt.Tenants;
using Gigawatt.Units;
using Xunit;

namespace Gigawatt.Tests.Configuration;

public sealed class ServerConfigTests
{
    private static readonly Dictionary<string, string> NoEnvironment = [];

    [Fact]
    public void An_empty_file_is_valid_and_everything_has_a_default()
    {
        ServerConfig config = Read("");

        Assert.Equal(("127.0.0.1", 8420, null, null, 32L << 20, "bin-pack", null),
            (config.ListenHost, config.ListenPort, config.DataFolder, config.FleetFile, config.MaxBodyBytes, config.PlacementPolicy, config.RequestSite));
        Assert.Equal(("default", Usd.FromDollars(1000), BudgetPeriod.Month, null), Summary(Assert.Single(config.Tenants)));
        ProviderConfig provider = Assert.Single(config.Providers);
        Assert.Equal(("simulated", ProviderKind.Simulated), (provider.Name, provider.Kind));
        Assert.Equal(["sim-*"], provider.Models);
        Assert.True(config.AgentLostAfter > config.AgentLease);
    }

    [Fact]
    public void A_full_file_becomes_its_model()
    {
        ServerConfig config = Read("""
            listen: "[::1]:9000"
            data: state
            fleet: ../fleets/mine.yaml
            policy: bin-pack
            site: ohio
            providers:
              - name: claude
                kind: anthropic
                url: https://gateway.example/v1
                key-env: TEAM_KEY
                models: [claude-*, claude-opus-4-5]
              - name: own
                kind: openai
                url: http://10.0.0.7:8000/v1
                allow-private: true
                key: plain-text-key
              - name: pretend
                kind: simulated
            tenants:
              - name: research
                budget: $20.50 per day
                accelerators: 16
                models: sim-*
              - name: ops
            models:
              - name: own-llama
                input-per-million: $0.20
                energy-per-output-token: 0.5J
            limits:
              max-body: 1MiB
            agents:
              lost-after: 1m
              lease: 20s
            """, new() { ["TEAM_KEY"] = "sk-from-environment" });

        Assert.Equal(("::1", 9000), (config.ListenHost, config.ListenPort));
        Assert.Equal((Path.Combine("conf", "state"), Path.Combine("conf", "../fleets/mine.yaml"), "ohio"), (config.DataFolder, config.FleetFile, config.RequestSite));
        Assert.Equal(["claude", "own", "pretend"], config.Providers.Select(p => p.Name));
        Assert.Equal(("https://gateway.example/v1", "sk-from-environment"), (config.Providers[0].Url!.ToString(), config.Providers[0].Key!.Reveal()));
        Assert.Equal(["claude-*", "claude-opus-4-5"], config.Providers[0].Models);
        Assert.Equal("plain-text-key", config.Providers[1].Key!.Reveal());
        Assert.Equal(["*"], config.Providers[1].Models);
        Assert.Equal(("research", Usd.FromDollars(20.5), BudgetPeriod.Day, 16), Summary(config.Tenants[0]));
        Assert.Equal(["sim-*"], config.Tenants[0].Models);
        Assert.Equal(("ops", Usd.FromDollars(1000), BudgetPeriod.Month, null), Summary(config.Tenants[1]));
        Assert.Equal((1L << 20, Duration.FromSeconds(60), Duration.FromSeconds(20)), (config.MaxBodyBytes, config.AgentLostAfter, config.AgentLease));
    }

    [Fact]
    public void An_override_changes_what_it_names_and_leaves_the_rest()
    {
        ModelOverride own = Assert.Single(Read("models: [{name: m, input-per-million: $7, energy-per-output-token: 0.5J}]").Models);
        ModelFacts facts = Catalog.Load().Models.Single(m => m.Name == "sim-medium");

        Assert.Equal(facts with { InputPerMillion = Usd.FromDollars(7), MicrojoulesPerOutputToken = 500_000, Method = "as configured" }, own.Apply(facts));
        Assert.Equal(facts.Method, new ModelOverride("m") { InputPerMillion = Usd.Zero }.Apply(facts).Method);
    }

    [Fact]
    public void Overrides_change_every_entry_that_they_cover_and_the_longer_name_wins()
    {
        ModelFacts any = Catalog.Load().Models[0];
        ModelFacts[] catalogue = [any with { Name = "a-*" }, any with { Name = "a-b-1" }, any with { Name = "c" }];
        ModelOverride[] overrides = [Priced("a-b*", 2), Priced("a-*", 1), Priced("new", 3)];

        IReadOnlyList<ModelFacts> all = ModelOverride.Over(catalogue, overrides, any with { Name = "unknown", MaxOutputTokens = 77 });

        Assert.Equal(["a-* 1", "a-b-1 2", $"c {any.InputPerMillion.Dollars}", "new 3", "a-b* 2"], all.Select(m => $"{m.Name} {m.InputPerMillion.Dollars}"));
        Assert.Equal(77, all[3].MaxOutputTokens);

        static ModelOverride Priced(string name, int dollars) => new(name) { InputPerMillion = Usd.FromDollars(dollars) };
    }

    [Theory]
    [InlineData("ANTHROPIC_API_KEY", "anthropic", ProviderKind.Anthropic, "claude-*")]
    [InlineData("OPENAI_API_KEY", "openai", ProviderKind.OpenAI, "*")]
    public void A_key_in_the_environment_adds_its_provider(string variable, string name, ProviderKind kind, string models)
    {
        ProviderConfig provider = Assert.Single(FromEnvironment(new() { [variable] = " the-key\n" }).Providers);
        Assert.Equal((name, kind, null, "the-key"), (provider.Name, provider.Kind, provider.Url, provider.Key!.Reveal()));
        Assert.Equal([models], provider.Models);
    }

    [Theory]
    [InlineData("ANTHROPIC_BASE_URL", ProviderKind.Anthropic)]
    [InlineData("OPENAI_BASE_URL", ProviderKind.OpenAI)]
    public void An_address_in_the_environment_adds_its_provider_for_all_models(string variable, ProviderKind kind)
    {
        ProviderConfig provider = Assert.Single(FromEnvironment(new() { [variable] = "http://127.0.0.1:9" }).Providers);
        Assert.Equal((kind, "http://127.0.0.1:9/", null, "*"), (provider.Kind, provider.Url!.ToString(), provider.Key, Assert.Single(provider.Models)));
    }

    [Fact]
    public void A_provider_of_the_file_stands_before_that_of_the_environment()
    {
        var environment = new Dictionary<string, string> { ["ANTHROPIC_API_KEY"] = "env-key", ["OPENAI_API_KEY"] = "other" };
        ServerConfig config = Read("providers: [{name: mine, kind: anthropic, url: \"https://x.example\", key: own}]", environment);
        Assert.Equal(["mine", "openai"], config.Providers.Select(p => p.Name));
        Assert.Equal("own", config.Providers[0].Key!.Reveal());
    }

    [Fact]
    public void The_key_of_the_environment_goes_to_the_public_address_only()
    {
        var environment = new Dictionary<string, string> { ["ANTHROPIC_API_KEY"] = "env-key" };
        Assert.Equal("env-key", Read("providers: [{name: a, kind: anthropic}]", environment).Providers[0].Key!.Reveal());
        Assert.Null(Read("providers: [{name: a, kind: anthropic, url: \"https://x.example\"}]", environment).Providers[0].Key);
    }

    [Fact]
    public void An_empty_variable_counts_as_not_set()
    {
        Assert.Equal(ProviderKind.Simulated, Assert.Single(FromEnvironment(new() { ["ANTHROPIC_API_KEY"] = "", ["OPENAI_BASE_URL"] = " " }).Providers).Kind);
    }

    [Fact]
    public void A_key_file_is_read_beside_the_config_file()
    {
        string folder = Directory.CreateTempSubdirectory("gw-config-").FullName;
        try
        {
            File.WriteAllText(Path.Combine(folder, "my.key"), "sk-in-file\n");
            string path = Path.Combine(folder, "gw.yaml");
            File.WriteAllText(path, "providers: [{name: a, kind: openai, key-file: my.key}]\n");
            Assert.Equal("sk-in-file", ServerConfig.Load(path, NoEnvironment).Value!.Providers[0].Key!.Reveal());
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    [Theory]
    [InlineData("listen: 8420", "1:9: listen: \"8420\" is not an address to listen on; write an IP address and a port such as 127.0.0.1:8420")]
    [InlineData("listen: 127.0.0.1:99999", "1:9: listen: \"127.0.0.1:99999\" is not an address to listen on; write an IP address and a port such as 127.0.0.1:8420")]
    [InlineData("policy: bin-pak", "1:9: policy: \"bin-pak\" is unknown; did you mean \"bin-pack\"?")]
    [InlineData("batches: {concurrency: 0}", "1:24: concurrency: \"0\" is out of range; write a whole number from 1 to 1,000")]
    [InlineData("batches: {max-size: 5kW}", "1:21: max-size: \"5kW\" is a power, not an amount of memory; write an amount of memory such as 64GiB")]
    [InlineData("responses: {keep: 0s}", "1:19: keep: \"0s\" must be longer than zero; write a time such as 90s or 15m")]
    [InlineData("responses: {max-size: many}", "1:23: max-size: \"many\" is not an amount of memory; write an amount of memory such as 64GiB")]
    [InlineData("limits: {max-body: 5kW}", "1:20: max-body: \"5kW\" is a power, not an amount of memory; write an amount of memory such as 64GiB")]
    [InlineData("tenants: [{name: a, budget: $5}]", "1:29: budget: \"$5\" does not say for how long; write an amount and its time such as $20 per day, 5M tokens per week, 10kWh per month or 50kg in total")]
    [InlineData("tenants: [{name: a, budget: -5 per day}]", "1:29: budget: \"-5\" is negative; write United States dollars such as $2.50 or 2.50 USD")]
    [InlineData("tenants: [{name: a}, {name: a}]", "1:29: name: \"a\" is already the name of the tenant on line 1; names must differ")]
    [InlineData("tenants: [{name: a, models: [\"*-x\"]}]", "1:30: models: \"*-x\" is not a model; write its name without spaces, or how names start followed by one *, such as claude-*")]
    [InlineData("tenants: [{name: a, accelerators: -1}]", "1:35: accelerators: \"-1\" is out of range; write a whole number from 0 to 100,000,000")]
    [InlineData("providers: [{name: a}]", "1:13: the provider has no kind; add a line such as kind: anthropic")]
    [InlineData("providers: [{name: a, kind: antropic}]", "1:29: kind: \"antropic\" is unknown; did you mean \"anthropic\"?")]
    [InlineData("providers: [{name: a, kind: mainframe}]", "1:29: kind: \"mainframe\" is unknown; write one of anthropic, openai, foundry, azure-openai, bedrock, vertex, simulated")]
    [InlineData("providers: [{name: a, kind: simulated, key: x}]", "1:45: key: a simulated provider calls nobody; remove the field")]
    [InlineData("providers: [{name: a, kind: openai, url: ftp://x}]", "1:42: url: this is not an absolute http or https address; write one such as https://api.anthropic.com")]
    [InlineData("providers: [{name: a, kind: openai, key-env: NOT_THERE}]", "1:46: key-env: the environment variable named here is not set; set it, or name another")]
    [InlineData("providers: [{name: a, kind: openai, key-file: not-there}]", "1:47: key-file: there is no such file; check the path")]
    [InlineData("agents: {lost-after: 5s}", "1:22: lost-after: an agent is lost after 5s and runs its jobs for 15s without the server; make lost-after longer than lease, or a job may run twice at once")]
    [InlineData("agents: {lease: 0s}", "1:17: lease: \"0s\" must be longer than zero; write a time such as 90s or 15m")]
    [InlineData("agents: {lease: soon}", "1:17: lease: \"soon\" is not a length of time; write one such as 250ms, 90s, 15m or 1h30m")]
    [InlineData("models: [{name: a, max-output-tokens: many}]", "1:39: max-output-tokens: \"many\" is not a whole number; write one from 1 to 10,000,000")]
    [InlineData("provider: []", "1:1: unknown field \"provider\"; did you mean providers?")]
    public void A_mistake_is_reported_where_it_is_with_what_to_write_instead(string text, string expected)
    {
        Assert.Equal(["gw.yaml:" + expected], ServerConfig.Parse(text, "gw.yaml", NoEnvironment).Problems.Select(p => p.ToString()));
    }

    [Fact]
    public void A_wrong_address_in_the_environment_names_its_variable()
    {
        Loaded<ServerConfig> loaded = ServerConfig.FromEnvironment(new Dictionary<string, string> { ["OPENAI_BASE_URL"] = "nonsense" });
        Assert.Equal("environment: the environment variable OPENAI_BASE_URL: this is not an absolute http or https address; write one such as https://api.anthropic.com",
            Assert.Single(loaded.Problems).ToString());
    }

    [Theory]
    [InlineData("key: SECRET")]
    [InlineData("key: [SECRET]")]
    [InlineData("key: SECRET, key-file: SECRET")]
    [InlineData("key: *SECRET")]
    [InlineData("key: \"SECRET")]
    [InlineData("key: {SECRET: SECRET}")]
    [InlineData("key-env: SECRET")]
    [InlineData("key-file: SECRET")]
    [InlineData("url: \"https://me:SECRET@host.example\"")]
    [InlineData("url: SECRET")]
    public void A_secret_is_in_no_message_and_in_no_text_form(string field)
    {
        Loaded<ServerConfig> loaded = ServerConfig.Parse($"providers: [{{name: a, kind: openai, {field}}}]", "gw.yaml", NoEnvironment);
        string shown = string.Join('\n', loaded.Problems) + loaded.Value + string.Join('\n', loaded.Value?.Providers ?? []);
        Assert.NotEmpty(shown);
        Assert.DoesNotContain("SECRET", shown, StringComparison.OrdinalIgnoreCase);
    }

    private static (string, Usd, BudgetPeriod, int?) Summary(TenantConfig tenant) =>
        (tenant.Name, new Usd(tenant.Budgets.Single().Amount), tenant.Budgets.Single().Period, tenant.AcceleratorQuota);

    private static ServerConfig FromEnvironment(Dictionary<string, string> environment) => ServerConfig.FromEnvironment(environment).Value!;

    private static ServerConfig Read(string text, Dictionary<string, string>? environment = null)
    {
        Loaded<ServerConfig> loaded = ServerConfig.Parse(text, "conf/gw.yaml", environment ?? NoEnvironment);
        Assert.True(loaded.IsValid, string.Join('\n', loaded.Problems));
        return loaded.Value;
    }
}
