using Gigawatt.Admission.Queues;
using Gigawatt.Configuration.Reading;
using Gigawatt.Units;

namespace Gigawatt.Configuration;

/// <summary>Reads queues and cohorts, and checks that they make a tree whose limits agree.</summary>
internal sealed class QueueReader(MapReader root, Problems problems)
{
    private static readonly Kind<int> Accelerators = Kinds.Whole(0, 100_000_000, "64");
    private static readonly Kind<int> Weight = Kinds.Thousandths("a weight", "2", 0, 1_000_000);
    private readonly NameTable _cohortNames = new("cohort", "cohorts", problems);
    private readonly List<(MapReader Map, CohortModel Cohort)> _cohorts = [];
    private readonly List<(MapReader Map, JobQueueModel Queue)> _queues = [];

    /// <summary>The queues, or those that can be understood when there are mistakes.</summary>
    /// <param name="tenants">The tenants, for the queues that they name.</param>
    /// <param name="tenantNames">Every tenant that the file means, those with mistakes included.</param>
    public QueueModel Read(IReadOnlyList<TenantConfig> tenants, IReadOnlyList<string> tenantNames)
    {
        // Names first: a cohort may be declared below its members.
        foreach (MapReader map in root.Blocks("cohorts", "cohort")) { ReadCohort(map); }
        var queueNames = new NameTable("queue", "queues", problems);
        foreach (MapReader map in root.Blocks("queues", "queue")) { ReadQueue(map, queueNames, tenantNames); }
        foreach ((MapReader map, _) in _cohorts)
        {
            _cohortNames.Resolve(map, "parent");
            map.Close();
        }

        foreach ((MapReader map, _) in _queues) { map.Close(); }
        if (!CheckCycles()) { CheckLending(); }
        if (_cohorts.Count > 0 && _queues.Count == 0 && !root.Has("queues")) { root.Wrong("cohorts", "there are cohorts and no queues; add queues: and below it items, each starting with - name: my-queue"); }
        return new QueueModel
        {
            Cohorts = [.. _cohorts.Select(static c => c.Cohort)],
            Queues = [.. _queues.Select(static q => q.Queue)],
            DefaultQueues = DefaultsOf(tenants),
            HalfLife = ReadHalfLife(),
        };
    }

    private void ReadCohort(MapReader map)
    {
        string name = map.Require("name", Kinds.Name);
        _cohortNames.Add(map.Where("name"), name);
        string parent = map.ReadTextOrNull("parent", Kinds.Name, "my-cohort") ?? "";
        _cohorts.Add((map, new CohortModel(name ?? "", parent, map.Read("weight", Weight, 1000), ReadQuotas(map, map.Has("parent"), "parent", required: false))));
    }

    private void ReadQueue(MapReader map, NameTable names, IReadOnlyList<string> tenants)
    {
        string name = map.Require("name", Kinds.Name);
        names.Add(map.Where("name"), name);
        _cohortNames.Resolve(map, "cohort");
        string cohort = map.ReadTextOrNull("cohort", Kinds.Name, "my-cohort") ?? "";
        int weight = map.Read("weight", Weight, 1000);
        List<AcceleratorQuota> quotas = ReadQuotas(map, map.Has("cohort"), "cohort", required: true);
        _queues.Add((map, new JobQueueModel(name ?? "", cohort, weight, quotas, map.Texts("tenants", Kinds.Name with { Example = "my-tenant" }, []))));
        foreach (TextNode tenant in map.TextNodes("tenants", "my-tenant"))
        {
            if (!tenants.Contains(tenant.Text) && !problems.IsUnread("tenants")) { problems.Add(tenant, $"tenants: {Kinds.Unknown(tenant.Text, tenants)}"); }
        }
    }

    private List<AcceleratorQuota> ReadQuotas(MapReader owner, bool hasParent, string parent, bool required)
    {
        var quotas = new List<AcceleratorQuota>();
        int before = problems.Count;
        var lines = new Dictionary<string, int>(StringComparer.Ordinal);
        if (required && !owner.Has("quotas")) { owner.Missing("quotas", "[{ accelerator: gb200, nominal: 64 }]"); }
        foreach (MapReader map in owner.Blocks("quotas", "quota"))
        {
            string type = map.Require("accelerator", Kinds.Name with { Example = "gb200" }) ?? "";
            int? nominal = map.ReadOrNull("nominal", Accelerators);
            if (!map.Has("nominal")) { map.Missing("nominal", Accelerators.Example); }
            int? borrowing = map.ReadOrNull("borrowing-limit", Accelerators), lending = map.ReadOrNull("lending-limit", Accelerators);
            map.Close();
            if (type.Length > 0 && !lines.TryAdd(type, map.At.Line)) { map.Wrong("accelerator", $"{Numbers.Quote(type)} has a quota already, on line {lines[type]}; keep one of the two"); }
            foreach ((string limit, int? value) in new[] { ("borrowing-limit", borrowing), ("lending-limit", lending) })
            {
                if (value is not null && !hasParent) { map.Wrong(limit, $"the {owner.Noun} has no {parent} to share with; add {parent}: to it, or remove the limit"); }
            }

            if (required && lending > nominal) { map.Wrong("lending-limit", $"{lending} is more than the {nominal} that are its own; write at most {nominal}"); }
            quotas.Add(new AcceleratorQuota(type, (nominal ?? 0) * 1000L, borrowing * 1000L, lending * 1000L));
        }

        if (required && owner.Has("quotas") && quotas.Count == 0 && problems.Count == before)
        {
            owner.Wrong("quotas", "the list is empty; write at least one quota such as { accelerator: gb200, nominal: 64 }");
        }

        return quotas;
    }

    // Each cycle is told once, at its member that stands first in the file.
    private bool CheckCycles()
    {
        var parents = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach ((_, CohortModel cohort) in _cohorts) { parents.TryAdd(cohort.Name, cohort.Parent); }
        var told = new HashSet<string>(StringComparer.Ordinal);
        foreach ((MapReader map, CohortModel cohort) in _cohorts)
        {
            var way = new List<string> { cohort.Name };
            while (parents.TryGetValue(way[^1], out string? parent) && parent.Length > 0 && !way.Contains(parent)) { way.Add(parent); }
            bool closes = parents.TryGetValue(way[^1], out string? last) && last == cohort.Name;
            if (!closes || told.Overlaps(way)) { continue; }
            told.UnionWith(way);
            map.Wrong("parent", $"the cohort is above itself: {string.Join(" is part of ", way.Append(cohort.Name).Select(Numbers.Quote))}; remove one of these parents");
        }

        return told.Count > 0;
    }

    // A cohort lends what its members lend it and what it has itself.
    private void CheckLending()
    {
        foreach ((MapReader map, CohortModel cohort) in _cohorts)
        {
            foreach (AcceleratorQuota quota in cohort.Quotas)
            {
                long has = TotalOf(cohort, quota.AcceleratorType, _cohorts.Count);
                if (quota.LendingLimitMilli > has)
                {
                    map.Wrong("quotas", $"lending-limit: {quota.LendingLimitMilli / 1000} is more than the {has / 1000} {quota.AcceleratorType} that the cohort and its members have; write at most {has / 1000}");
                }
            }
        }
    }

    private long TotalOf(CohortModel cohort, string type, int depth) => depth < 0 ? 0
        : NominalOf(cohort.Quotas, type)
            + _queues.Where(q => q.Queue.Cohort == cohort.Name).Sum(q => NominalOf(q.Queue.Quotas, type))
            + _cohorts.Where(c => c.Cohort.Parent == cohort.Name).Sum(c => TotalOf(c.Cohort, type, depth - 1));

    private static long NominalOf(IReadOnlyList<AcceleratorQuota> quotas, string type) => quotas.Where(q => q.AcceleratorType == type).Sum(q => q.NominalMilli);

    private List<KeyValuePair<string, string>> DefaultsOf(IReadOnlyList<TenantConfig> tenants)
    {
        var defaults = new List<KeyValuePair<string, string>>();
        List<JobQueueModel> queues = [.. _queues.Select(static q => q.Queue)];
        foreach (TenantConfig tenant in tenants)
        {
            if (tenant.Queue is not { } name) { continue; }
            defaults.Add(new(tenant.Name, name));
            if (problems.IsUnread("queues") || WhereIsQueue(tenant.Name) is not { } at) { continue; }
            if (queues.Find(q => q.Name == name) is not { } queue)
            {
                problems.Add(at, queues.Count == 0
                    ? $"queue: {Numbers.Quote(name)} is not declared; declare it under queues, or remove the field"
                    : $"queue: {Kinds.Unknown(name, queues.Select(static q => q.Name))}");
            }
            else if (queue.Tenants.Count > 0 && !queue.Tenants.Contains(tenant.Name))
            {
                problems.Add(at, $"queue: queue {Numbers.Quote(name)} does not take jobs of this tenant; add it to the queue's tenants, or name another queue");
            }
        }

        return defaults;
    }

    private Node? WhereIsQueue(string tenant)
    {
        foreach (Node item in (root.Where("tenants") as ListNode)?.Items ?? [])
        {
            if (item is MapNode map && map.Fields.Any(f => f.Name.Text == "name" && f.Value is TextNode text && text.Text == tenant))
            {
                return map.Fields.Find(f => f.Name.Text == "queue").Value;
            }
        }

        return null;
    }

    private Duration? ReadHalfLife()
    {
        if (root.Block("fair-sharing", "fair sharing") is not { } map) { return null; }
        Duration? halfLife = map.ReadOrNull("half-life", Kinds.Time with { Example = "24h" });
        map.Close();
        return halfLife;
    }
}
