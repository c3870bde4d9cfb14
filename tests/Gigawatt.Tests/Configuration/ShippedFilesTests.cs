using Gigawatt.Configuration;
using Gigawatt.Fleet;
using Gigawatt.Models;
using Gigawatt.Units;
using Xunit;

namespace Gigawatt.Tests.Configuration;

/// <summary>What we ship is read by the same readers, and holds to rules that a reviewer would check by eye.</summary>
public sealed class ShippedFilesTests
{
    private static readonly string Repository = FindRepository();

    [Theory]
    [InlineData("laptop", 0, 0, 0)]
    [InlineData("one-rack", 1, 18, 72)]
    [InlineData("two-site", 11, 84, 400)]
    [InlineData("one-gigawatt", 5_600, 100_800, 403_200)]
    public void A_shipped_fleet_is_valid_and_of_its_size(string name, int racks, int nodes, int accelerators)
    {
        Loaded<FleetFile> loaded = FleetFile.Load(Path.Combine(Repository, "fleets", name + ".yaml"));

        Assert.Empty(loaded.Problems);
        FleetModel model = loaded.Value!.Model;
        Assert.Equal(name, model.Name);
        Assert.Equal((racks, nodes, accelerators),
            (model.Groups.Sum(g => g.Racks), model.Groups.Sum(g => g.Nodes), model.Groups.Sum(g => g.Nodes * g.Accelerators)));
        Assert.All(model.Groups, g => Assert.Equal(NodeExecution.Simulated, g.Execution));
    }

    [Fact]
    public void The_gigawatt_spreads_over_six_sites_and_draws_a_gigawatt()
    {
        FleetModel model = FleetFile.Load(Path.Combine(Repository, "fleets", "one-gigawatt.yaml")).Value!.Model;
        Assert.Equal(6, model.Groups.Select(g => g.Site).Distinct().Count());
        // 148.5 kW of IT power a rack with network, storage and management, at the PUE of 1.2 that sizes the feed.
        Assert.InRange(model.Groups.Sum(g => g.Racks) * 148.5e3 * 1.2, 0.99e9, 1.01e9);
    }

    [Fact]
    public void The_default_fleet_is_the_laptop_with_simulated_accelerators()
    {
        FleetFile file = FleetFile.LoadDefault().Value!;
        Assert.Empty(file.Model.Groups);
        Assert.Equal(8, file.ThisMachine!.Accelerators);
        Assert.StartsWith("sim-", file.Model.AcceleratorTypes[file.ThisMachine.AcceleratorType].Name, StringComparison.Ordinal);
    }

    [Fact]
    public void Every_accelerator_of_the_catalogue_is_plausible_and_says_where_it_comes_from()
    {
        IReadOnlyList<CatalogAccelerator> all = Catalog.Load().Accelerators;
        AssertSorted(all.Select(a => a.Type.Name));
        Assert.Equal(19, all.Count);
        Assert.All(all, a =>
        {
            Assert.InRange(a.Type.MemoryMib, 8 * 1024, 1024 * 1024);
            Assert.InRange(a.Type.Idle.InWatts, 10, 400);
            Assert.InRange(a.Type.Tdp.InWatts, 150, 3000);
            Assert.True(a.Type.Idle < a.Type.Tdp);
            Assert.InRange(a.Type.PerHour.Dollars, 0.1, 20);
            Assert.True(a.Source.Length > 10 && a.PriceSource.Length > 10, a.Type.Name);
        });
    }

    [Fact]
    public void Every_grid_of_the_catalogue_is_plausible_and_says_where_it_comes_from()
    {
        IReadOnlyList<Grid> all = Catalog.Load().Grids;
        AssertSorted(all.Select(g => g.Name));
        Assert.All(all, g =>
        {
            Assert.InRange(g.GramsPerMegawattHour, 10_000, 1_000_000);
            Assert.InRange(g.MillilitresPerMegawattHour, 0, 20_000_000);
            Assert.Matches("20[0-9][0-9]", g.Source);
        });
    }

    [Fact]
    public void Every_model_of_the_catalogue_is_plausible_and_says_where_it_comes_from()
    {
        IReadOnlyList<ModelFacts> all = Catalog.Load().Models;
        AssertSorted(all.Select(m => m.Name));
        Assert.All(all, m =>
        {
            Assert.InRange(m.InputPerMillion.Dollars, 0.01, 150);
            Assert.InRange(m.OutputPerMillion.Dollars, m.InputPerMillion.Dollars, 600);
            Assert.True(m.CacheReadPerMillion > Usd.Zero && m.CacheWriteHourPerMillion >= m.CacheWritePerMillion, m.Name);
            Assert.Matches("https://.*(20[0-9]{2})|as of late 2025|assumption|stand-in", m.PriceSource);
            Assert.InRange(m.ContextTokens, m.Name.StartsWith("text-embedding", StringComparison.Ordinal) ? 8_192 : m.MaxOutputTokens, 2_000_000);
            Assert.True(m.LongPromptAbove == int.MaxValue || m.LongPromptAbove < m.ContextTokens, m.Name);
            Assert.InRange(m.LongPromptInputPercent, 100, 500);
            Assert.InRange(m.LongPromptOutputPercent, 100, 500);
            Assert.True(m.CacheReadPerMillion <= m.InputPerMillion && m.CacheWritePerMillion >= m.InputPerMillion, m.Name);
            Assert.InRange(m.MaxOutputTokens, m.Name.StartsWith("text-embedding", StringComparison.Ordinal) ? 1 : 1_000, 300_000);
            Assert.InRange(m.MicrojoulesPerInputToken, 1_000, m.MicrojoulesPerOutputToken);
            Assert.InRange(m.MicrojoulesPerOutputToken, 10_000, 10_000_000);
            Assert.InRange(m.TimeToFirstToken.Seconds, 0.001, 1);
            Assert.InRange(m.PrefillPerToken.Seconds, 0.000_001, 0.001);
            Assert.InRange(m.TimePerOutputToken.Seconds, 0.001, 0.2);
            Assert.True(m.Method.Length > 20, m.Name);
        });
    }

    [Fact]
    public void Claudes_cache_prices_are_the_published_multiples_of_its_input_price()
    {
        Dictionary<string, decimal> reads = new()
        {
            ["claude-fable-5-1*"] = 0.025m, ["claude-mythos-5-1*"] = 0.025m, ["claude-opus-5-5*"] = 0.05m, ["claude-sonnet-5-5*"] = 0.05m,
            // The published table has $0.03, $0.30 and $0.50.
            ["claude-3-haiku-*"] = 0.12m,
        };
        Assert.All(Catalog.Load().Models.Where(m => m.Name.StartsWith("claude-", StringComparison.Ordinal)), m =>
        {
            decimal input = m.InputPerMillion.Micros;
            Assert.Equal(reads.GetValueOrDefault(m.Name, 0.1m), m.CacheReadPerMillion.Micros / input);
            Assert.Equal(m.Name == "claude-3-haiku-*" ? 1.2m : 1.25m, m.CacheWritePerMillion.Micros / input);
            Assert.Equal(2m, m.CacheWriteHourPerMillion.Micros / input);
        });
    }

    [Theory]
    [InlineData("claude-sonnet-4-5-20250929", 3, 15)]
    [InlineData("eu.anthropic.claude-haiku-4-5-20251001-v1:0", 1, 5)]
    [InlineData("anthropic/claude-opus-4-1", 15, 75)]
    [InlineData("claude-opus-4@20250514", 15, 75)]
    [InlineData("claude-haiku-5-5", 0.1, 0.5)]
    [InlineData("openai/gpt-oss-120b", 0.15, 0.6)]
    [InlineData("gpt-5.4-mini-2026-03-05", 0.75, 4.5)]
    [InlineData("gpt-4-0613", 30, 60)]
    [InlineData("claude-of-the-future", 5, 25)]
    [InlineData("gpt-9", 5, 25)]
    [InlineData("nobody/knows-it", 5, 25)]
    public void A_model_is_found_by_the_names_that_clouds_give_it_and_none_is_free(string model, double input, double output)
    {
        ModelFacts facts = new ModelCatalog(Catalog.Load().Models).Find(model);
        Assert.Equal((Usd.FromDollars(input), Usd.FromDollars(output)), (facts.InputPerMillion, facts.OutputPerMillion));
    }

    [Fact]
    public void Hosted_models_whose_makers_disclose_nothing_say_so()
    {
        Assert.All(Catalog.Load().Models.Where(m => m.Name.StartsWith("claude-", StringComparison.Ordinal) || m.Name.StartsWith("gpt-", StringComparison.Ordinal)),
            m => Assert.StartsWith("undisclosed model", m.Method, StringComparison.Ordinal));
    }

    [Fact]
    public void Simulated_models_of_three_sizes_ship()
    {
        Assert.Equal(["sim-large", "sim-medium", "sim-small"], Catalog.Load().Models.Where(m => m.Name.StartsWith("sim-", StringComparison.Ordinal)).Select(m => m.Name));
    }

    [Fact]
    public void The_golden_point_of_a_70B_model_is_its_measured_energy()
    {
        // ML.ENERGY: Llama-3.1-70B on 4 x H100 at batch 64 takes 0.80 J for an answer token.
        Assert.Equal(800_000, Catalog.Load().Models.Single(m => m.Name == "sim-medium").MicrojoulesPerOutputToken);
    }

    [Fact]
    public void The_examples_of_the_reference_are_valid()
    {
        var environment = new Dictionary<string, string> { ["ANTHROPIC_API_KEY"] = "key" };
        Assert.Empty(FleetFile.Parse(Example("fleet-file"), "fleet-file.md").Problems);
        Assert.Empty(ServerConfig.Parse(Example("config-file"), "config-file.md", environment).Problems);
        Assert.Empty(JobFile.Parse(Example("job-file"), "job-file.md").Problems);
    }

    [Theory]
    [InlineData("fleet-file", "fleet")]
    [InlineData("config-file", "config")]
    [InlineData("job-file", "job")]
    public void The_reference_describes_every_field(string page, string root)
    {
        // A file with nothing but an unknown field makes the reader tell the fields that it knows.
        string text = "unknown-field-of-this-test: 1\n";
        IReadOnlyList<ConfigProblem> problems = root switch
        {
            "fleet" => FleetFile.Parse(text, "f").Problems,
            "config" => ServerConfig.Parse(text, "f", new Dictionary<string, string>()).Problems,
            _ => JobFile.Parse(text, "f").Problems,
        };
        string list = $"the fields of a {root} are ";
        string told = problems.Single(p => p.Message.Contains(list, StringComparison.Ordinal)).Message;
        string reference = File.ReadAllText(Reference(page));

        Assert.All(told[(told.IndexOf(list, StringComparison.Ordinal) + list.Length)..].Split(", "),
            field => Assert.True(reference.Contains($"`{field}`", StringComparison.Ordinal) || reference.Contains($"## {field}\n", StringComparison.Ordinal), field));
    }

    private static string Reference(string page) => Path.Combine(Repository, "docs", "reference", page + ".md");

    private static string Example(string page) => File.ReadAllText(Reference(page)).Split("```yaml\n")[1].Split("```")[0];

    private static void AssertSorted(IEnumerable<string> names) =>
        Assert.All(names.Zip(names.Skip(1)), pair => Assert.True(string.CompareOrdinal(pair.First, pair.Second) < 0, $"{pair.First} stands before {pair.Second}"));

    private static string FindRepository()
    {
        string? folder = AppContext.BaseDirectory;
        while (folder is not null && !File.Exists(Path.Combine(folder, "Gigawatt.slnx"))) { folder = Path.GetDirectoryName(folder); }
        return folder ?? throw new InvalidOperationException("The tests run outside the repository.");
    }
}
