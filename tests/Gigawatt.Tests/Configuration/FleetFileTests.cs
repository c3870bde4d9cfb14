using Gigawatt.Configuration;
using Gigawatt.Fleet;
using Gigawatt.Units;
using Xunit;

namespace Gigawatt.Tests.Configuration;

public sealed class FleetFileTests
{
    private const string Valid = """
        name: small
        accelerators:
          - gb200
          - name: mine
            memory: 64GiB
            idle: 90W
            tdp: 0.5kW
            price-per-hour: $1.20
          - name: sim-h100
            catalog: h100
            price-per-hour: $9
        sites:
          - name: ohio
            pue: 1.2
            wue: 0.3 l/kWh
            grid: pjm
          - name: home
            pue: 1
            grid: { carbon: 100 g/kWh, ewif: 2 l/kWh, source: my meter }
        groups:
          - name: rack
            site: home
            racks: 2
            nodes-per-rack: 18
            cpus: 144
            memory: 960GB
            core-power: 5.8W
            core-price-per-hour: 0.05 USD
            accelerator: mine
            accelerators: 4
            execution: simulated
        this-machine:
          site: ohio
          accelerator: sim-h100
          accelerators: 8
          reserve-cpus: 0.5
          reserve-memory: 1GiB
        """;

    [Fact]
    public void A_valid_file_becomes_its_model()
    {
        FleetFile file = Read(Valid);

        Assert.Equal("small", file.Model.Name);
        Assert.Equal(["gb200", "mine", "sim-h100"], file.Model.AcceleratorTypes.Select(t => t.Name));
        Assert.Equal(new AcceleratorType("mine", 65536, Watts.FromWatts(90), Watts.FromWatts(500), Usd.FromDollars(1.2)), file.Model.AcceleratorTypes[1]);
        NodeGroup group = Assert.Single(file.Model.Groups);
        Assert.Equal((1, 2, 18, 144_000, 1, 4), (group.Site, group.Racks, group.NodesPerRack, group.CpuMilli, group.AcceleratorType, group.Accelerators));
        Assert.Equal(915_527, group.MemoryMib); // 960 x 10^9 / 2^20 = 915,527.34, rounded down
        Assert.Equal((Watts.FromWatts(5.8), Usd.FromDollars(0.05), NodeExecution.Simulated), (group.PerCore, group.CorePerHour, group.Execution));
    }

    [Fact]
    public void This_machine_is_kept_apart_from_the_groups()
    {
        Assert.Equal(
            new ThisMachine("this-machine", 0, 2, 8, 500, 1024, NodeDefaults.PerCore, NodeDefaults.CorePerHour),
            Read(Valid).ThisMachine);
    }

    [Fact]
    public void A_catalogue_entry_gives_the_facts_that_the_file_does_not()
    {
        AcceleratorType h100 = Catalog.Load().FindAccelerator("h100")!.Type;
        Assert.Equal(h100 with { Name = "sim-h100", PerHour = Usd.FromDollars(9) }, Read(Valid).Model.AcceleratorTypes[2]);
    }

    [Fact]
    public void Site_factors_keep_their_figures_and_sources()
    {
        IReadOnlyList<SiteModel> sites = Read(Valid).Model.Sites;

        Assert.Equal((1200, 362_600L, 300_000L, 1_550_000L),
            (sites[0].Factors.PueThousandths, sites[0].Factors.GridGramsPerMegawattHour,
            sites[0].Factors.SiteMillilitresPerMegawattHour, sites[0].Factors.GridMillilitresPerMegawattHour));
        Assert.Contains("EIA-930 fuel mix 2022", sites[0].Factors.Source, StringComparison.Ordinal);
        Assert.Equal((1000, 100_000L, 0L, 2_000_000L),
            (sites[1].Factors.PueThousandths, sites[1].Factors.GridGramsPerMegawattHour,
            sites[1].Factors.SiteMillilitresPerMegawattHour, sites[1].Factors.GridMillilitresPerMegawattHour));
        Assert.Equal("grid: my meter; PUE and WUE: as written in fleet.yaml", sites[1].Factors.Source);
    }

    [Fact]
    public void A_single_site_needs_no_mention()
    {
        FleetFile file = Read("name: x\nsites: [{name: a, pue: 1.1, grid: pjm}]\ngroups: [{name: g, cpus: 1, memory: 1GiB, execution: simulated}]\n");
        Assert.Equal((0, 1, 1, -1, 0), (file.Model.Groups[0].Site, file.Model.Groups[0].Racks, file.Model.Groups[0].NodesPerRack, file.Model.Groups[0].AcceleratorType, file.Model.Groups[0].Accelerators));
        Assert.Null(file.ThisMachine);
    }

    [Fact]
    public void This_machine_without_fields_is_the_plain_machine()
    {
        FleetFile file = Read("name: x\nsites: [{name: a, pue: 1.1, grid: pjm}]\nthis-machine:\n");
        Assert.Equal(("this-machine", 0, -1, 0), (file.ThisMachine!.Name, file.ThisMachine.Site, file.ThisMachine.AcceleratorType, file.ThisMachine.Accelerators));
    }

    [Fact]
    public void Anchors_repeat_values()
    {
        FleetFile file = Read("name: x\nsites:\n  - &a {name: a, pue: 1.1, grid: pjm, source: &s hand}\n  - {name: b, pue: 1.3, grid: pjm, source: *s}\nthis-machine: {site: b}\n");
        Assert.EndsWith("hand", file.Model.Sites[1].Factors.Source, StringComparison.Ordinal);
    }

    internal static FleetFile Read(string text)
    {
        Loaded<FleetFile> loaded = FleetFile.Parse(text, "fleet.yaml");
        Assert.True(loaded.IsValid, string.Join('\n', loaded.Problems));
        return loaded.Value;
    }
}
