using Gigawatt.Configuration.Reading;
using Gigawatt.Fleet;
using Gigawatt.Units;

namespace Gigawatt.Configuration;

/// <summary>Reads one accelerator type: a bare name is the catalogue's; a block may take the catalogue's facts and change some.</summary>
internal static class AcceleratorReader
{
    private static readonly AcceleratorType Unreadable = new("", 0, Watts.Zero, Watts.Zero, Usd.Zero);

    public static AcceleratorType Read(Node item, NameTable names, Problems problems)
    {
        switch (item)
        {
            case TextNode { IsEmpty: false } text:
                names.Add(text, text.Text);
                if (Catalog.Load().FindAccelerator(text.Text) is { } known) { return known.Type; }
                problems.Add(text, $"accelerators: {NotInCatalogue(text.Text)}");
                return Unreadable;
            case MapNode map:
                return ReadBlock(new MapReader(map, "accelerator type", problems), names);
            default:
                problems.Add(item, $"accelerators: this is {item.Noun}; write a name of the catalogue such as - gb200, or fields starting with - name: my-chip");
                return Unreadable;
        }
    }

    private static AcceleratorType ReadBlock(MapReader map, NameTable names)
    {
        string name = map.Require("name", Kinds.Name);
        names.Add(map.Where("name"), name);
        AcceleratorType? facts = null;
        if (map.Single("catalog", "gb200") is { } entry)
        {
            facts = Catalog.Load().FindAccelerator(entry.Text)?.Type;
            if (facts is null) { map.Wrong("catalog", NotInCatalogue(entry.Text)); }
        }

        // A wrong catalogue name is one mistake; that the facts are missing then is no further one.
        facts ??= map.Has("catalog") ? Unreadable : null;
        var type = facts is null
            ? new AcceleratorType(name, map.Require("memory", Kinds.MemoryMib), map.Require("idle", Kinds.Power),
                map.Require("tdp", Kinds.Power), map.Require("price-per-hour", Kinds.Dollars))
            : new AcceleratorType(name, map.Read("memory", Kinds.MemoryMib, facts.MemoryMib), map.Read("idle", Kinds.Power, facts.Idle),
                map.Read("tdp", Kinds.Power, facts.Tdp), map.Read("price-per-hour", Kinds.Dollars, facts.PerHour));
        if (type.Idle > type.Tdp && type.Tdp > Watts.Zero)
        {
            map.Wrong("idle", $"{type.Idle} is more than the thermal design power of {type.Tdp}; check idle and tdp");
        }

        map.Close();
        return type;
    }

    private static string NotInCatalogue(string name)
    {
        IEnumerable<string> names = Catalog.Load().Accelerators.Select(a => a.Type.Name);
        return NearestName.Of(name, names) is { } near
            ? $"{Numbers.Quote(name)} is not in the catalogue; did you mean {Numbers.Quote(near)}?"
            : $"{Numbers.Quote(name)} is not in the catalogue; give its memory, idle, tdp and price-per-hour, or name one of {string.Join(", ", names)}";
    }
}
