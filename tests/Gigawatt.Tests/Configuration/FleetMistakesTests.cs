using Gigawatt.Configuration;
using Xunit;

namespace Gigawatt.Tests.Configuration;

/// <summary>Each mistake is put into a valid file, one at a time: exactly that one is reported, where it is.</summary>
public sealed class FleetMistakesTests
{
    private const string Valid = """
        name: small
        accelerators:
          - name: mine
            memory: 64GiB
            idle: 90W
            tdp: 500W
            price-per-hour: $1.20
        sites:
          - name: ohio
            pue: 1.2
            grid: pjm
          - name: home
            pue: 1.0
            grid: world
        groups:
          - name: rack
            site: ohio
            racks: 2
            nodes-per-rack: 18
            cpus: 144
            memory: 960GiB
            accelerator: mine
            accelerators: 4
            execution: simulated

        """;

    [Theory]
    [InlineData("racks: 2", "racs: 2", "fleet.yaml:18:5: unknown field \"racs\"; did you mean racks?")]
    [InlineData("name: small", "name: small\ncolour: blue", "fleet.yaml:2:1: unknown field \"colour\"; the fields of a fleet are name, accelerators, sites, groups, this-machine")]
    [InlineData("name: home", "name: ohio", "fleet.yaml:12:11: name: \"ohio\" is already the name of the site on line 9; names must differ")]
    [InlineData("pue: 1.2", "pue: 1.2\n    pue: 1.3", "fleet.yaml:11:5: pue: written twice, first on line 10; keep one of the two")]
    [InlineData("960GiB", "5 apples", "fleet.yaml:21:13: memory: \"5 apples\" has the unit \"apples\", which is not an amount of memory; write an amount of memory such as 64GiB")]
    [InlineData("960GiB", "5kW", "fleet.yaml:21:13: memory: \"5kW\" is a power, not an amount of memory; write an amount of memory such as 64GiB")]
    [InlineData("960GiB", "960gib", "fleet.yaml:21:13: memory: \"960gib\" has the unit \"gib\"; did you mean \"GiB\"?")]
    [InlineData("960GiB", "960", "fleet.yaml:21:13: memory: \"960\" has no unit; write an amount of memory such as 64GiB")]
    [InlineData("960GiB", "-1GiB", "fleet.yaml:21:13: memory: \"-1GiB\" is negative; write an amount of memory such as 64GiB")]
    [InlineData("960GiB", "0GiB", "fleet.yaml:21:13: memory: \"0GiB\" is too small; write at least 1MiB")]
    [InlineData("960GiB", "960000TB", "fleet.yaml:21:13: memory: \"960000TB\" is too large; write an amount of memory such as 64GiB")]
    [InlineData("960GiB", "lots", "fleet.yaml:21:13: memory: \"lots\" is not an amount of memory; write an amount of memory such as 64GiB")]
    [InlineData("960GiB", "", "fleet.yaml:21:12: memory: has no value; write one such as 64GiB, or remove the field")]
    [InlineData("960GiB", "[1GiB]", "fleet.yaml:21:13: memory: this is a list; write a single value such as 64GiB")]
    [InlineData("cpus: 144", "cpus: 0", "fleet.yaml:20:11: cpus: \"0\" is out of range; write a number of cores from 0.001 to 1,000,000")]
    [InlineData("cpus: 144", "cpus: -4", "fleet.yaml:20:11: cpus: \"-4\" is out of range; write a number of cores from 0.001 to 1,000,000")]
    [InlineData("    cpus: 144\n", "", "fleet.yaml:16:5: the group has no cpus; add a line such as cpus: 64")]
    [InlineData("racks: 2", "racks: 2.5", "fleet.yaml:18:12: racks: \"2.5\" is not a whole number; write one from 1 to 1,000,000")]
    [InlineData("racks: 2", "racks: 0", "fleet.yaml:18:12: racks: \"0\" is out of range; write a whole number from 1 to 1,000,000")]
    [InlineData("racks: 2", "racks: 1000000", "fleet.yaml:16:3: groups: there are 18,000,000 nodes in all, and a fleet has at most 1,000,000; make it several fleets")]
    [InlineData("accelerators: 4", "accelerators: 65", "fleet.yaml:23:19: accelerators: \"65\" is out of range; write a whole number from 1 to 64")]
    [InlineData("    accelerators: 4\n", "", "fleet.yaml:16:5: the group has no accelerators; add a line such as accelerators: 8")]
    [InlineData("accelerator: mine", "accelerator: mnie", "fleet.yaml:22:18: accelerator: \"mnie\" is not declared under accelerators; did you mean \"mine\"?")]
    [InlineData("accelerator: mine", "accelerator: gb200", "fleet.yaml:22:18: accelerator: \"gb200\" is not declared under accelerators; declare it, or write one of mine")]
    [InlineData("site: ohio", "site: mars", "fleet.yaml:17:11: site: \"mars\" is not declared under sites; declare it, or write one of ohio, home")]
    [InlineData("    site: ohio\n", "", "fleet.yaml:16:5: the group has no site; add a line such as site: my-site")]
    [InlineData("pue: 1.2", "pue: 0.9", "fleet.yaml:10:10: pue: \"0.9\" is out of range; write a power usage effectiveness from 1 to 5")]
    [InlineData("grid: pjm", "grid: pjn", "fleet.yaml:11:11: grid: \"pjn\" is unknown; did you mean \"pjm\"?")]
    [InlineData("grid: pjm", "grid: {carbon: 100 g/kWh}", "fleet.yaml:11:11: the grid has no ewif; add a line such as ewif: 0.3 l/kWh")]
    [InlineData("grid: pjm", "grid: {carbon: 1 l/kWh, ewif: 1 l/kWh}", "fleet.yaml:11:20: carbon: \"1 l/kWh\" is a water intensity, not a carbon intensity; write a carbon intensity such as 362.6 g/kWh")]
    [InlineData("idle: 90W", "idle: 900W", "fleet.yaml:5:11: idle: 900 W is more than the thermal design power of 500 W; check idle and tdp")]
    [InlineData("idle: 90W", "idle: 90", "fleet.yaml:5:11: idle: \"90\" has no unit; write a power such as 1.2kW")]
    [InlineData("$1.20", "cheap", "fleet.yaml:7:21: price-per-hour: \"cheap\" is not an amount of money; write United States dollars such as $2.50 or 2.50 USD")]
    [InlineData("- name: mine", "- catalog: h1000\n    name: mine", "fleet.yaml:3:14: catalog: \"h1000\" is not in the catalogue; did you mean \"h100\"?")]
    [InlineData("  - name: mine", "  - h10\n  - name: mine", "fleet.yaml:3:5: accelerators: \"h10\" is not in the catalogue; did you mean \"h100\"?")]
    [InlineData("execution: simulated", "execution: real", "fleet.yaml:24:16: execution: \"real\" is unknown; write simulated")]
    [InlineData("execution: simulated", "execution: agent", "fleet.yaml:24:16: execution: machines with an agent are not written here: run gw agent on the machine and it joins; write simulated")]
    [InlineData("name: rack", "name: a rack", "fleet.yaml:16:11: name: \"a rack\" is not a name; write 1 to 63 letters, digits, '.', '-' or '_', starting with a letter or digit")]
    [InlineData("name: rack", "name: rack-r0000-n01", "fleet.yaml:16:11: name: \"rack-r0000-n01\" ends as names of nodes do; end it differently")]
    [InlineData("groups:", "this-machine: {site: ohio, accelerator: mine, accelerators: 1}\ngroups:", "fleet.yaml:15:41: accelerator: \"mine\" is not there on this machine as far as we can tell; declare a simulated type whose name starts with sim-")]
    [InlineData("groups:", "this-machine: {site: ohio, name: rack}\ngroups:", "fleet.yaml:15:34: name: \"rack\" is already the name of the group on line 17; names must differ")]
    [InlineData("name: small\n", "", "fleet.yaml:1:1: the fleet has no name; add a line such as name: my-name")]
    [InlineData("cpus: 144", "cpus 144", "fleet.yaml:20:5: this is not valid YAML (While parsing a block mapping, did not find expected key); check indentation, colons, brackets and quotes here and on the line before")]
    [InlineData("cpus: 144", "cpus: [144", "fleet.yaml:20:11: this is not valid YAML (something after this is not closed); check indentation, colons, brackets and quotes here and on the line before")]
    [InlineData("cpus: 144", "cpus: *many", "fleet.yaml:20:11: this repeats a value marked with & before it, and none is marked so; mark it, or put the text in quotes")]
    [InlineData("execution: simulated\n", "execution: simulated\n---\nname: other\n", "fleet.yaml:25:1: a second document starts here; write one document in a file")]
    public void A_mistake_is_reported_where_it_is_with_what_to_write_instead(string right, string wrong, string expected)
    {
        Assert.Contains(right, Valid, StringComparison.Ordinal);
        int at = Valid.IndexOf(right, StringComparison.Ordinal);
        string text = string.Concat(Valid.AsSpan(0, at), wrong, Valid.AsSpan(at + right.Length));

        Loaded<FleetFile> loaded = FleetFile.Parse(text, "fleet.yaml");

        Assert.Equal([expected], loaded.Problems.Select(p => p.ToString()));
        Assert.Null(loaded.Value);
    }

    [Fact]
    public void The_file_that_the_mistakes_are_put_into_has_none()
    {
        Assert.Empty(FleetFile.Parse(Valid, "fleet.yaml").Problems);
    }

    [Theory]
    [InlineData("", "fleet.yaml:1:1: the fleet has no name; add a line such as name: my-name\nfleet.yaml:1:1: the fleet has no sites; add sites: and below it items, each starting with - name: my-site\nfleet.yaml:1:1: the fleet has no groups; add groups: and below it items, each starting with - name: my-group")]
    [InlineData("- a\n", "fleet.yaml:1:1: this is a list; a fleet starts with fields, each on its own line such as name: my-name")]
    [InlineData("name: x\nsites: []\nthis-machine:\n", "fleet.yaml:2:8: sites: the list is empty; write at least one site")]
    [InlineData("name: x\nsites: here\nthis-machine:\n", "fleet.yaml:2:8: sites: this is a single value; write a list, each item on its own line and starting with a hyphen, such as - name: my-site")]
    [InlineData("name: x\nsites: [here]\nthis-machine:\n", "fleet.yaml:2:9: sites: this is a single value; write the fields of a site, such as - name: my-site")]
    [InlineData("name: x\nsites: [{name: a, pue: 1, grid: pjm}]\nthis-machine: here\n", "fleet.yaml:3:15: this-machine: this is a single value; write fields, each on its own line and indented below this-machine:")]
    public void A_file_of_the_wrong_shape_is_explained(string text, string expected)
    {
        Assert.Equal(expected, string.Join('\n', FleetFile.Parse(text, "fleet.yaml").Problems));
    }

    [Fact]
    public void More_than_64_accelerator_types_are_too_many()
    {
        string types = string.Concat(Enumerable.Range(1, 65).Select(i => $"  - {{name: t{i}, catalog: h100}}\n"));
        Loaded<FleetFile> loaded = FleetFile.Parse($"name: x\naccelerators:\n{types}sites: [{{name: a, pue: 1, grid: pjm}}]\nthis-machine:\n", "fleet.yaml");
        Assert.Equal(["fleet.yaml:67:5: accelerators: this is type number 65, and a fleet has at most 64; merge equal types"], loaded.Problems.Select(p => p.ToString()));
    }

    [Fact]
    public void All_mistakes_of_a_file_are_reported_at_once_in_its_order()
    {
        const string text = """
            name: my fleet
            accelerators:
              - gb20
            sites:
              - name: ohio
                pue: 0.5
                grid: pjm
              - name: ohio
                pue: 1.1
                grid: moon
            groups:
              - name: rack
                site: ohoi
                racks: -1
                cpu: 144
                memory: 5 apples
                accelerator: gb20
                accelerators: 100
                execution: simulated
            """;

        Assert.Equal(
            """
            bad.yaml:1:7: name: "my fleet" is not a name; write 1 to 63 letters, digits, '.', '-' or '_', starting with a letter or digit
            bad.yaml:3:5: accelerators: "gb20" is not in the catalogue; did you mean "gb200"?
            bad.yaml:6:10: pue: "0.5" is out of range; write a power usage effectiveness from 1 to 5
            bad.yaml:8:11: name: "ohio" is already the name of the site on line 5; names must differ
            bad.yaml:10:11: grid: "moon" is unknown; write one of azps, bpat, caiso, de, gb, in-mh, miso, nl, nyis, pjm, se-se3, sg, soco, world
            bad.yaml:13:11: site: "ohoi" is not declared under sites; did you mean "ohio"?
            bad.yaml:14:12: racks: "-1" is out of range; write a whole number from 1 to 1,000,000
            bad.yaml:15:5: unknown field "cpu"; did you mean cpus?
            bad.yaml:16:13: memory: "5 apples" has the unit "apples", which is not an amount of memory; write an amount of memory such as 64GiB
            bad.yaml:18:19: accelerators: "100" is out of range; write a whole number from 1 to 64
            """,
            string.Join('\n', FleetFile.Parse(text, "bad.yaml").Problems));
    }

    [Fact]
    public void A_missing_file_is_a_problem_without_a_line()
    {
        Assert.Equal("no-such.yaml: there is no such file; check the path", Assert.Single(FleetFile.Load("no-such.yaml").Problems).ToString());
    }

    [Fact]
    public void A_folder_is_not_a_file()
    {
        string folder = Path.GetTempPath();
        Assert.Equal("this is a folder; name a file", Assert.Single(FleetFile.Load(folder).Problems).Message);
    }
}
