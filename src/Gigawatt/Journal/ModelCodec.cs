using Gigawatt.Fleet;
using Gigawatt.Metering;
using Gigawatt.Units;
using Gigawatt.Workloads;

namespace Gigawatt.Journal;

/// <summary>Binary form of fleet descriptions and job specifications.</summary>
internal static class ModelCodec
{
    public static void Write(ByteWriter w, FleetModel model)
    {
        w.Text(model.Name);
        w.List(model.Sites, static (w, site) => Write(w, site));
        w.List(model.AcceleratorTypes, static (w, type) => Write(w, type));
        w.List(model.Groups, static (w, group) => Write(w, group));
    }

    public static FleetModel ReadFleet(ref ByteReader r)
    {
        string name = r.Text();
        var sites = new SiteModel[r.Count()];
        for (int i = 0; i < sites.Length; i++) { sites[i] = ReadSite(ref r); }
        var types = new AcceleratorType[r.Count()];
        for (int i = 0; i < types.Length; i++) { types[i] = ReadType(ref r); }
        var groups = new NodeGroup[r.Count()];
        for (int i = 0; i < groups.Length; i++) { groups[i] = ReadGroup(ref r); }
        return new FleetModel { Name = name, Sites = sites, AcceleratorTypes = types, Groups = groups };
    }

    public static void Write(ByteWriter w, SiteModel site)
    {
        w.Text(site.Name);
        w.Signed(site.Factors.PueThousandths);
        w.Signed(site.Factors.GridGramsPerMegawattHour);
        w.Signed(site.Factors.SiteMillilitresPerMegawattHour);
        w.Signed(site.Factors.GridMillilitresPerMegawattHour);
        w.Text(site.Factors.Source);
    }

    public static SiteModel ReadSite(ref ByteReader r) => new(r.Text(), new SiteFactors
    {
        PueThousandths = r.Int(),
        GridGramsPerMegawattHour = r.Signed(),
        SiteMillilitresPerMegawattHour = r.Signed(),
        GridMillilitresPerMegawattHour = r.Signed(),
        Source = r.Text(),
    });

    public static void Write(ByteWriter w, AcceleratorType type)
    {
        w.Text(type.Name);
        w.Signed(type.MemoryMib);
        w.Signed(type.Idle.Milliwatts);
        w.Signed(type.Tdp.Milliwatts);
        w.Signed(type.PerHour.Micros);
    }

    public static AcceleratorType ReadType(ref ByteReader r) =>
        new(r.Text(), r.Int(), new Watts(r.Signed()), new Watts(r.Signed()), new Usd(r.Signed()));

    public static void Write(ByteWriter w, NodeGroup group)
    {
        w.Text(group.Name);
        w.Signed(group.Site);
        w.Signed(group.Racks);
        w.Signed(group.NodesPerRack);
        w.Signed(group.CpuMilli);
        w.Signed(group.MemoryMib);
        w.Signed(group.AcceleratorType);
        w.Signed(group.Accelerators);
        w.Signed(group.PerCore.Milliwatts);
        w.Signed(group.CorePerHour.Micros);
        w.Byte((byte)group.Execution);
        w.Text(group.Address);
    }

    public static NodeGroup ReadGroup(ref ByteReader r) => new()
    {
        Name = r.Text(),
        Site = r.Int(),
        Racks = r.Int(),
        NodesPerRack = r.Int(),
        CpuMilli = r.Int(),
        MemoryMib = r.Int(),
        AcceleratorType = r.Int(),
        Accelerators = r.Int(),
        PerCore = new Watts(r.Signed()),
        CorePerHour = new Usd(r.Signed()),
        Execution = (NodeExecution)r.Byte(),
        Address = r.Text(),
    };

    public static void Write(ByteWriter w, JobSpec spec)
    {
        w.Text(spec.Name);
        w.Text(spec.Tenant);
        w.Byte((byte)spec.Priority);
        w.Signed(spec.GangSize);
        w.Signed(spec.CpuMilli);
        w.Signed(spec.MemoryMib);
        w.Signed(spec.Accelerators);
        w.Signed(spec.AcceleratorMilli);
        w.List(spec.AcceleratorTypes, static (w, name) => w.Text(name));
        w.List(spec.Command, static (w, word) => w.Text(word));
        w.List(spec.Environment, static (w, variable) =>
        {
            w.Text(variable.Key);
            w.Text(variable.Value);
        });
        w.Bool(spec.WorkingDirectory is not null);
        w.Text(spec.WorkingDirectory ?? "");
        w.Optional(spec.TimeLimit?.Nanoseconds);
        w.Signed(spec.StopGrace.Nanoseconds);
        w.Signed(spec.MaxRequeues);
        w.Byte((byte)spec.WhenItDoesNotFit);
        w.Text(spec.IdempotencyKey);
    }

    public static JobSpec ReadSpec(ref ByteReader r)
    {
        var spec = new JobSpec
        {
            Name = r.Text(),
            Tenant = r.Text(),
            Priority = (Priority)r.Byte(),
            GangSize = r.Int(),
            CpuMilli = r.Int(),
            MemoryMib = r.Int(),
            Accelerators = r.Int(),
            AcceleratorMilli = r.Int(),
            AcceleratorTypes = ReadTexts(ref r),
            Command = ReadTexts(ref r),
            Environment = ReadPairs(ref r),
        };
        bool hasDirectory = r.Bool();
        string directory = r.Text();
        return spec with
        {
            WorkingDirectory = hasDirectory ? directory : null,
            TimeLimit = r.Optional() is { } limit ? new Duration(limit) : null,
            StopGrace = new Duration(r.Signed()),
            MaxRequeues = r.Int(),
            WhenItDoesNotFit = (WhenItDoesNotFit)r.Byte(),
            IdempotencyKey = r.Text(),
        };
    }

    private static string[] ReadTexts(ref ByteReader r)
    {
        var texts = new string[r.Count()];
        for (int i = 0; i < texts.Length; i++) { texts[i] = r.Text(); }
        return texts;
    }

    private static KeyValuePair<string, string>[] ReadPairs(ref ByteReader r)
    {
        var pairs = new KeyValuePair<string, string>[r.Count()];
        for (int i = 0; i < pairs.Length; i++) { pairs[i] = new(r.Text(), r.Text()); }
        return pairs;
    }
}
