using Gigawatt.Configuration.Reading;
using Gigawatt.Tenants;

namespace Gigawatt.Configuration;

/// <summary>Reads tenants with their projects, budgets and limits.</summary>
internal static class TenantReader
{
    // A caller's accounts are one walk for each request.
    private const int MostOfOneOwner = 16;

    private static readonly Kind<int> Quota = Kinds.Whole(0, 100_000_000, "16");

    public static IReadOnlyList<TenantConfig> ReadAll(MapReader root, Problems problems)
    {
        var names = new NameTable("tenant", "tenants", problems);
        List<TenantConfig> tenants = [.. root.Blocks("tenants", "tenant").Select(map => Read(map, names, problems))];
        return tenants.Count > 0 ? tenants : [TenantConfig.Default];
    }

    /// <summary>A list of budgets, or one without a list.</summary>
    public static IReadOnlyList<BudgetLimit> Budgets(MapReader map, string field, Problems problems, IReadOnlyList<BudgetLimit> otherwise) =>
        ReadMany(map, field, AllowanceText.Budget, static b => (b.Unit, b.Period, b.Model), problems, otherwise);

    /// <summary>A list of rate limits, or one without a list.</summary>
    public static IReadOnlyList<RateLimit> Limits(MapReader map, string field, Problems problems) =>
        ReadMany(map, field, AllowanceText.Limit, static l => (l.Kind, l.Model), problems, []);

    private static TenantConfig Read(MapReader map, NameTable names, Problems problems)
    {
        string name = map.Require("name", Kinds.Name);
        names.Add(map.Where("name"), name);
        if (map.Has("budget") && map.Has("budgets")) { map.Wrong("budget", "there is also a list of budgets; keep one of the two"); }
        IReadOnlyList<BudgetLimit> budgets = Budgets(map, map.Has("budgets") ? "budgets" : "budget", problems, TenantConfig.Default.Budgets);
        _ = map.Find("budget");
        _ = map.Find("budgets");
        var tenant = new TenantConfig(name, budgets, Limits(map, "limits", problems), map.ReadOrNull("accelerators", Quota),
            map.Texts("models", Kinds.ModelPattern, TenantConfig.Default.Models), ReadProjects(map, problems))
        { Queue = map.ReadTextOrNull("queue", Kinds.Name, "my-queue") };
        map.Close();
        return tenant;
    }

    private static List<ProjectConfig> ReadProjects(MapReader tenant, Problems problems)
    {
        var names = new NameTable("project", "projects", problems);
        var projects = new List<ProjectConfig>();
        foreach (MapReader map in tenant.Blocks("projects", "project"))
        {
            string name = map.Require("name", Kinds.Name);
            names.Add(map.Where("name"), name);
            projects.Add(new ProjectConfig(name, Budgets(map, "budgets", problems, []), Limits(map, "limits", problems), map.Texts("models", Kinds.ModelPattern, ["*"])));
            map.Close();
        }

        return projects;
    }

    private static IReadOnlyList<T> ReadMany<T, TKey>(
        MapReader map, string field, Kind<T> kind, Func<T, TKey> same, Problems problems, IReadOnlyList<T> otherwise) where T : class
    {
        if (!map.Has(field))
        {
            _ = map.Find(field);
            return otherwise;
        }

        var seen = new HashSet<TKey>();
        var read = new List<T>();
        // Texts stops at kinds of text; what each says is read here, so that a mistake has the line of its item.
        foreach (TextNode item in map.TextNodes(field, kind.Example))
        {
            if (kind.Read(item.Text, out T value) is { } wrong) { problems.Add(item, $"{field}: {wrong}"); }
            else if (!seen.Add(same(value))) { problems.Add(item, $"{field}: {Numbers.Quote(item.Text)} counts the same as one before it; keep one of the two"); }
            else { read.Add(value); }
        }

        if (read.Count > MostOfOneOwner) { map.Wrong(field, $"there are {read.Count}; {MostOfOneOwner} at most"); }
        return read;
    }
}
