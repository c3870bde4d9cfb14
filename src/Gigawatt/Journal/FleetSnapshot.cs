using Gigawatt.Fleet;

namespace Gigawatt.Journal;

/// <summary>The fleet's part of a snapshot: descriptions, and the status of each node.</summary>
internal static class FleetSnapshot
{
    public static void Write(ByteWriter w, FleetState fleet)
    {
        w.List(fleet.Sites, static (w, site) => ModelCodec.Write(w, site));
        w.List(fleet.AcceleratorTypes, static (w, type) => ModelCodec.Write(w, type));
        w.Unsigned((ulong)fleet.Groups.Count);
        for (int group = 0; group < fleet.Groups.Count; group++)
        {
            ModelCodec.Write(w, fleet.Groups[group]);
            w.Bool(fleet.JoinedByAgent(fleet.Groups[group].Name));
            WriteStatus(w, fleet, group);
        }
    }

    public static void Read(ref ByteReader r, FleetState fleet)
    {
        var sites = new SiteModel[r.Count()];
        for (int i = 0; i < sites.Length; i++) { sites[i] = ModelCodec.ReadSite(ref r); }
        var types = new AcceleratorType[r.Count()];
        for (int i = 0; i < types.Length; i++) { types[i] = ModelCodec.ReadType(ref r); }
        fleet.Restore(sites, types);
        for (int groups = r.Count(); groups > 0; groups--)
        {
            NodeGroup group = ModelCodec.ReadGroup(ref r);
            int first = r.Bool() ? fleet.AddJoined(group) : fleet.Add(group);
            ReadStatus(ref r, fleet, first, group.Nodes);
        }
    }

    // Runs of equal status: a gigawatt of healthy nodes is a few bytes.
    private static void WriteStatus(ByteWriter w, FleetState fleet, int group)
    {
        int first = fleet.FirstNodeOf(group), nodes = fleet.Groups[group].Nodes;
        for (int from = 0; from < nodes;)
        {
            NodeStatus status = fleet.StatusOf(first + from);
            int run = 1;
            while (from + run < nodes && fleet.StatusOf(first + from + run) == status) { run++; }
            w.Unsigned((ulong)run);
            w.Byte((byte)status);
            from += run;
        }
    }

    private static void ReadStatus(ref ByteReader r, FleetState fleet, int first, int nodes)
    {
        for (int from = 0; from < nodes;)
        {
            int run = (int)Math.Min(r.Unsigned(), (ulong)(nodes - from));
            var status = (NodeStatus)r.Byte();
            if (run == 0) { throw new JournalFormatException("A run of node states is empty."); }
            if (status == NodeStatus.Removed)
            {
                fleet.RestoreRemoved(first);
                from = nodes;
                continue;
            }

            for (int node = first + from; node < first + from + run; node++) { fleet.SetStatus(node, status); }
            from += run;
        }
    }
}
