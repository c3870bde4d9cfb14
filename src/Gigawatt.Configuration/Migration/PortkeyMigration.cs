using System.Globalization;
using Gigawatt.Configuration.Reading;

namespace Gigawatt.Configuration.Migration;

/// <summary>Makes one of our config files of a Portkey gateway config.</summary>
/// <remarks>The fields are those of the gateway's <c>src/types/requestBody.ts</c>; snake case and camel case mean the same.</remarks>
internal sealed class PortkeyMigration
{
    private readonly MigrationNotes _notes = new();
    private readonly Draft _draft = new();
    private readonly DraftProviders _providers;
    private readonly PortkeyTargets _targets;

    private PortkeyMigration(Func<string, string?> variable)
    {
        _providers = new DraftProviders(variable);
        _targets = new PortkeyTargets(_providers);
    }

    /// <summary>Converts the text of a config.</summary>
    /// <param name="text">The JSON.</param>
    /// <param name="fileName">What problems call it.</param>
    /// <param name="variable">Reads the environment; never asked for a key.</param>
    public static Loaded<MigratedConfig> Read(string text, string fileName, Func<string, string?> variable)
    {
        var problems = new Problems(fileName);
        Node? root = JsonTree.Parse(text, problems);
        if (problems.Count == 0 && root is not MapNode) { problems.Add(0, 0, "this is not a Portkey config; it is a JSON object with fields such as strategy and targets"); }
        return problems.Result(() => new PortkeyMigration(variable).Convert((MapNode)root!));
    }

    private MigratedConfig Convert(MapNode map)
    {
        var root = new ForeignMap(map, "", _notes);
        if (root.Map("strategy") is { } strategy && strategy.Text("mode") == "conditional") { AddConditional(root, strategy); }
        else { AddRoute("*", root); }
        string yaml = DraftWriter.Write("portkey", _draft, _providers.All, static _ => []);
        return new MigratedConfig(yaml, _notes.InOrder(), DraftWriter.Variables(_providers.All));
    }

    private void AddRoute(string model, ForeignMap map, PortkeyGroup? around = null)
    {
        PortkeyGroup group = _targets.Read(map, depth: 0);
        // Their config answers whatever model is asked for, and says itself what is asked of whom.
        IReadOnlyList<DraftTarget> targets = DraftRoutes.Tidy(
            group.Targets.Select(t => t.Model == model ? t with { Model = null } : t), message => map.Note("targets", message));
        if (targets.Count == 0)
        {
            map.Note("targets", "none of them can be carried over, so there is no route");
            return;
        }

        string strategy = targets.Any(t => t.Order > 1) ? "priority" : "weighted";
        _draft.Routes.Add(new DraftRoute(model, strategy, targets) 
        {
            Retries = group.Retries ?? around?.Retries,
            AttemptTimeoutMs = group.TimeoutMs ?? around?.TimeoutMs,
            CacheSeconds = group.CacheSeconds ?? around?.CacheSeconds,
        });
    }

    private void AddConditional(ForeignMap root, ForeignMap strategy)
    {
        ForeignMap[] targets = [.. root.Maps("targets")];
        PortkeyGroup common = PortkeyTargets.ReadCommon(root);
        ForeignMap? Named(string? name) => name is null ? null : Array.Find(targets, t => t.Text("name") == name);
        foreach (ForeignMap condition in strategy.Maps("conditions"))
        {
            ForeignMap? target = Named(condition.Text("then"));
            if (target is null) { condition.Note("then", "no target has this name"); }
            string[] models = [.. ModelsOf(condition)];
            foreach (string model in models.Where(m => target is not null && !_draft.Routes.Exists(r => r.Model == m))) { AddRoute(model, target!, common); }
        }

        if (Named(strategy.Text("default")) is { } otherwise) { AddRoute("*", otherwise, common); }
        strategy.DropRest("our file has nothing of this kind");
        foreach (ForeignMap target in targets.Where(t => t.Text("name") is { } name && !UsedIn(strategy, name)))
        {
            target.Note("name", "no condition that could be carried over leads to this target");
        }
    }

    private static bool UsedIn(ForeignMap strategy, string name) =>
        strategy.Text("default") == name || strategy.Maps("conditions").Any(c => c.Text("then") == name && ModelsOf(c, noted: false).Any());

    private static IEnumerable<string> ModelsOf(ForeignMap condition, bool noted = true)
    {
        if (condition.Map("query") is not { } query) { return []; }
        List<string> models = [];
        string? odd = query.Names.FirstOrDefault(n => n != "params.model");
        if (odd is not null || !query.Has("params.model"))
        {
            if (noted) { condition.Note("query", "routes go by the model's name, and by tenant, size and region of targets; other conditions are not carried over"); }
            return [];
        }

        if (query.Items("params.model") is [TextNode only]) { models.Add(only.Text); }
        else if (query.Map("params.model") is { } comparison && comparison.Names.All(n => n is "$eq" or "$in"))
        {
            models.AddRange(comparison.Texts("$eq").Concat(comparison.Texts("$in")));
        }
        else if (noted) { condition.Note("query", "a model is compared by its whole name here ($eq, $in); other comparisons are not carried over"); }
        return models.Where(static m => m.Length is > 0 and <= 200 && !m.Any(static c => c is <= ' ' or > '~' or '*'));
    }
}
