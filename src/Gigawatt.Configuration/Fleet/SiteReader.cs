using Gigawatt.Configuration.Reading;
using Gigawatt.Fleet;
using Gigawatt.Metering;

namespace Gigawatt.Configuration;

/// <summary>Reads one site: its overhead, its water and its grid, by the catalogue's name or by its own figures.</summary>
internal static class SiteReader
{
    private static readonly Kind<int> Pue = Kinds.Thousandths("a power usage effectiveness", "1.2", 1, 5);
    private static readonly Grid Unreadable = new("", "", 0, 0, "");

    public static SiteModel Read(MapReader map, NameTable names, string file)
    {
        string name = map.Require("name", Kinds.Name);
        names.Add(map.Where("name"), name);
        int pue = map.Require("pue", Pue);
        long water = map.Read("wue", Kinds.WaterIntensity, 0);
        string source = map.Read("source", Kinds.Text, $"as written in {Path.GetFileName(file)}");
        Grid grid = ReadGrid(map, source);
        map.Close();
        return new SiteModel(name, new SiteFactors
        {
            PueThousandths = pue,
            GridGramsPerMegawattHour = grid.GramsPerMegawattHour,
            SiteMillilitresPerMegawattHour = water,
            GridMillilitresPerMegawattHour = grid.MillilitresPerMegawattHour,
            Source = $"grid: {grid.Source}; PUE and WUE: {source}",
        });
    }

    private static Grid ReadGrid(MapReader map, string source)
    {
        if (map.Find("grid") is not { } node)
        {
            map.Missing("grid", "pjm");
            return Unreadable;
        }

        if (node is MapNode && map.Block("grid", "grid") is { } block)
        {
            var own = new Grid("", "", block.Require("carbon", Kinds.CarbonIntensity), block.Require("ewif", Kinds.WaterIntensity),
                block.Read("source", Kinds.Text, source));
            block.Close();
            return own;
        }

        if (map.Single("grid", "pjm") is not { } name) { return Unreadable; }
        if (Catalog.Load().FindGrid(name.Text) is { } known) { return known; }
        map.Wrong("grid", Kinds.Unknown(name.Text, Catalog.Load().Grids.Select(g => g.Name)));
        return Unreadable;
    }
}
