using System.Text.RegularExpressions;
using Gigawatt.Configuration.Reading;
using Gigawatt.Fleet;
using Gigawatt.Units;

namespace Gigawatt.Configuration;

/// <summary>Reads a fleet file: sites and accelerator types first, then what refers to them.</summary>
internal sealed partial class FleetReader
{
    // A set of accelerator types is one 64-bit word, and so is a set of accelerators in a node.
    private const int MaxAcceleratorTypes = 64;
    private const int MaxAccelerators = 64;
    private const int MaxNodes = 1_000_000;

    private static readonly Kind<int> RackCount = Kinds.Whole(1, MaxNodes, "8");
    private static readonly Kind<int> NodesPerRack = Kinds.Whole(1, 1_000, "18");
    private static readonly Kind<int> AcceleratorCount = Kinds.Whole(1, MaxAccelerators, "8");
    private static readonly Kind<int> SpareCores = Kinds.Thousandths("a number of cores", "1", 0, 1_000_000);
    private static readonly Kind<NodeExecution> Execution = new("simulated", ReadExecution);

    private readonly MapReader _root;
    private readonly Problems _problems;
    private readonly NameTable _types;
    private readonly NameTable _sites;
    private readonly NameTable _nodes;

    private FleetReader(MapReader root, Problems problems)
    {
        _root = root;
        _problems = problems;
        _types = new NameTable("accelerator type", "accelerators", problems);
        _sites = new NameTable("site", "sites", problems);
        _nodes = new NameTable("group", "groups", problems);
    }

    public static Loaded<FleetFile> Read(string text, string fileName)
    {
        var problems = new Problems(fileName);
        if (ConfigFile.ReadRoot(text, "fleet", problems) is not { } root) { return problems.Result<FleetFile>(() => null!); }
        FleetFile file = new FleetReader(root, problems).Read();
        return problems.Result(() => file);
    }

    private FleetFile Read()
    {
        string name = _root.Require("name", Kinds.Name);
        List<AcceleratorType> types = ReadAccelerators();
        List<SiteModel> sites = [.. _root.RequireBlocks("sites", "site").Select(s => SiteReader.Read(s, _sites, _problems.File))];
        List<NodeGroup> groups = [.. _root.Blocks("groups", "group").Select(ReadGroup)];
        ThisMachine? machine = _root.Block("this-machine", "machine") is { } block ? ReadThisMachine(block, types) : null;
        if (!_root.Has("groups") && !_root.Has("this-machine")) { _root.MissingList("groups", "group"); }
        CheckSize(groups);
        _root.Close();
        return new FleetFile(new FleetModel { Name = name, Sites = sites, AcceleratorTypes = types, Groups = groups }, machine);
    }

    private List<AcceleratorType> ReadAccelerators()
    {
        var types = new List<AcceleratorType>();
        foreach (Node item in _root.Items("accelerators", "name: gb200"))
        {
            if (types.Count == MaxAcceleratorTypes)
            {
                _problems.Add(item, $"accelerators: this is type number {MaxAcceleratorTypes + 1}, and a fleet has at most {MaxAcceleratorTypes}; merge equal types");
            }

            types.Add(AcceleratorReader.Read(item, _types, _problems));
        }

        return types;
    }

    private NodeGroup ReadGroup(MapReader map)
    {
        string? name = map.Require("name", Kinds.Name);
        _nodes.Add(map.Where("name"), name);
        if (name is not null && NodeName().IsMatch(name)) { map.Wrong("name", $"{Numbers.Quote(name)} ends as names of nodes do; end it differently"); }
        var group = new NodeGroup
        {
            Name = name ?? "",
            Site = ReadSite(map),
            Racks = map.Read("racks", RackCount, 1),
            NodesPerRack = map.Read("nodes-per-rack", NodesPerRack, 1),
            CpuMilli = map.Require("cpus", Kinds.Cores),
            MemoryMib = map.Require("memory", Kinds.MemoryMib),
            AcceleratorType = ReadAccelerator(map, out int accelerators),
            Accelerators = accelerators,
            PerCore = map.Read("core-power", Kinds.Power, NodeDefaults.PerCore),
            CorePerHour = map.Read("core-price-per-hour", Kinds.Dollars, NodeDefaults.CorePerHour),
            Execution = map.Require("execution", Execution),
        };
        map.Close();
        return group;
    }

    private ThisMachine ReadThisMachine(MapReader map, List<AcceleratorType> types)
    {
        string name = map.Read("name", Kinds.Name, "this-machine");
        _nodes.Add(map.Where("name"), name);
        int type = ReadAccelerator(map, out int accelerators);
        if (type >= 0 && types[type].Name is { } typeName && !typeName.StartsWith("sim-", StringComparison.Ordinal))
        {
            map.Wrong("accelerator", $"{Numbers.Quote(typeName)} is not there on this machine as far as we can tell; declare a simulated type whose name starts with sim-");
        }

        var machine = new ThisMachine(
            name,
            ReadSite(map),
            type,
            accelerators,
            map.Read("reserve-cpus", SpareCores, 0),
            map.Read("reserve-memory", Kinds.MemoryMib, 0),
            map.Read("core-power", Kinds.Power, NodeDefaults.PerCore),
            map.Read("core-price-per-hour", Kinds.Dollars, NodeDefaults.CorePerHour));
        map.Close();
        return machine;
    }

    // Where there is one site, there is no need to name it.
    private int ReadSite(MapReader map)
    {
        int site = _sites.Resolve(map, "site");
        if (site >= 0 || map.Has("site")) { return site; }
        if (_sites.Count > 1) { map.Missing("site", "my-site"); }
        return 0;
    }

    private int ReadAccelerator(MapReader map, out int count)
    {
        int type = _types.Resolve(map, "accelerator");
        count = map.Read("accelerators", AcceleratorCount, 0);
        if (map.Has("accelerators") && !map.Has("accelerator")) { map.Missing("accelerator", "gb200"); }
        if (map.Has("accelerator") && !map.Has("accelerators")) { map.Missing("accelerators", "8"); }
        return type;
    }

    private void CheckSize(List<NodeGroup> groups)
    {
        long nodes = groups.Sum(static g => (long)g.Racks * g.NodesPerRack);
        if (nodes > MaxNodes) { _root.Wrong("groups", $"there are {Numbers.Show(nodes)} nodes in all, and a fleet has at most {Numbers.Show(MaxNodes)}; make it several fleets"); }
    }

    private static string? ReadExecution(string text, out NodeExecution value)
    {
        value = NodeExecution.Simulated;
        return text switch
        {
            "simulated" => null,
            "agent" => "machines with an agent are not written here: run gw agent on the machine and it joins; write simulated",
            _ => $"{Numbers.Quote(text)} is unknown; write simulated",
        };
    }

    // Nodes are called GROUP-r0001-n02; see NodeGroup.NodeName.
    [GeneratedRegex(@"-r\d+-n\d+$", RegexOptions.CultureInvariant)]
    private static partial Regex NodeName();
}
