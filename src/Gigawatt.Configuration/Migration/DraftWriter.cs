using System.Globalization;
using System.Text;

namespace Gigawatt.Configuration.Migration;

/// <summary>Writes a draft as one of our config files, with comments for who reads it next.</summary>
internal sealed class DraftWriter
{
    private readonly StringBuilder _text = new();

    /// <summary>The file.</summary>
    /// <param name="source">What it was made of, such as <c>litellm</c>.</param>
    /// <param name="draft">Routes, prices and budget.</param>
    /// <param name="providers">The providers, in order.</param>
    /// <param name="models">Which models each provider is asked for outside of routes; null leaves that to its kind.</param>
    public static string Write(
        string source, Draft draft, IReadOnlyList<(string Name, DraftProvider Provider)> providers, Func<string, IReadOnlyList<string>?> models)
    {
        var writer = new DraftWriter();
        writer.Head(source, providers);
        writer.Providers(providers, models);
        writer.Routes(draft.Routes);
        writer.Prices(draft.Prices);
        writer.Limits(draft);

        return writer._text.ToString();
    }

    /// <summary>The variables that keys are taken from, and places where the file names none.</summary>
    public static IReadOnlyList<string> Variables(IReadOnlyList<(string Name, DraftProvider Provider)> providers) =>
        [.. providers.SelectMany(p => (IEnumerable<string?>)[p.Provider.KeyVariable, PlaceVariable(p.Provider)]).OfType<string>().Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal)];

    private static string? PlaceVariable(DraftProvider provider) => provider.Vendor.Kind switch
    {
        "bedrock" when provider.Region is null => "AWS_REGION",
        "vertex" when provider.Project is null => "GOOGLE_CLOUD_PROJECT",
        _ => null,
    };

    private void Head(string source, IReadOnlyList<(string Name, DraftProvider Provider)> providers)
    {
        Line($"# Written by: gw migrate {source}");
        Line("# Look it through, then check it with: gw config check FILE");
        Line("# Start with it: gw up --config FILE");
        IReadOnlyList<string> variables = Variables(providers);
        if (variables.Count == 0) { return; }
        Line("#");
        Line("# No key is in this file. Set these environment variables; for a key, key-file instead of key-env names a file:");
        foreach (string variable in variables) { Line($"#   {variable}"); }
    }

    private void Providers(IReadOnlyList<(string Name, DraftProvider Provider)> providers, Func<string, IReadOnlyList<string>?> models)
    {
        if (providers.Count == 0) { return; }
        Line("");
        Line("providers:");
        foreach ((string name, DraftProvider provider) in providers)
        {
            Field("  - name", name);
            Field("    kind", provider.Vendor.Kind);
            Field("    resource", provider.Resource);
            Field("    url", provider.Url, provider.Url?.EndsWith(".invalid", StringComparison.Ordinal) == true ? "write the address here" : null);
            if (provider.AllowPrivate) { Field("    allow-private", "true"); }
            Field("    key-env", provider.KeyVariable);
            Field("    key-file", provider.KeyFile);
            Field("    region", provider.Region);
            Field("    project", provider.Project);
            Field("    location", provider.Location);
            Field("    profile", provider.Profile);
            Field("    api-version", provider.ApiVersion);
            if (models(name) is { } asked)
            {
                Line($"    models: [{string.Join(", ", asked.Select(m => Quoted(m, inList: true)))}]{(asked.Count == 0 ? " # only what the routes send to it" : "")}");
            }
        }
    }

    private void Routes(List<DraftRoute> routes)
    {
        if (routes.Count == 0) { return; }
        Line("");
        Line("routes:");
        foreach (DraftRoute route in routes)
        {
            Field("  - model", route.Model);
            if (route.Targets.Count > 1) { Field("    strategy", route.Strategy); }
            if (route.Retries is { } retries) { Field("    retries", Text(retries)); }
            if (route.AttemptTimeoutMs is { } timeout) { Field("    attempt-timeout", timeout % 1_000 == 0 ? $"{Text(timeout / 1_000)}s" : $"{Text(timeout)}ms"); }
            if (route.CacheSeconds is { } cache) { Line($"    cache: {{ ttl: {Text(cache)}s }}"); }
            Line("    targets:");
            foreach (DraftTarget target in route.Targets) { Target(target, route); }
        }
    }

    private void Target(DraftTarget target, DraftRoute route)
    {
        Field("      - provider", target.Provider);
        Field("        model", target.Model);
        if (route.Targets.Any(t => t.Share != 1)) { Field("        weight", Text((long)target.Share)); }
        if (route.Strategy == "priority" && route.Targets.Count > 1) { Field("        order", Text(target.Order)); }
        Field("        region", target.Region);
    }

    private void Prices(List<DraftPrice> prices)
    {
        if (prices.Count == 0) { return; }
        Line("");
        Line("models:");
        foreach (DraftPrice price in prices)
        {
            Field("  - name", price.Name);
            Field("    input-per-million", Dollars(price.Input));
            Field("    output-per-million", Dollars(price.Output));
            Field("    cache-read-per-million", Dollars(price.CacheRead));
            Field("    cache-write-per-million", Dollars(price.CacheWrite));
            if (price.MaxOutputTokens is { } tokens) { Field("    max-output-tokens", Text(tokens)); }
        }
    }

    private void Limits(Draft draft)
    {
        Line("");
        if (draft.Budget is null) { Line("# All who have a key spend from this. It is what holds without these lines too; write what you mean."); }
        Line("tenants:");
        Field("  - name", "default");
        Field("    budgets", draft.Budget ?? "$1000 per month");
        if (draft.Concurrent is not { } concurrent) { return; }
        Line("");
        Line("limits:");
        Field("  concurrent", Text(concurrent));
    }

    private void Field(string name, string? value, string? comment = null)
    {
        if (value is not null) { Line($"{name}: {Quoted(value)}{(comment is null ? "" : $" # {comment}")}"); }
    }

    private void Line(string line) => _text.Append(line).Append('\n');

    private static string Text(long number) => number.ToString(CultureInfo.InvariantCulture);

    private static string? Dollars(decimal? amount) => amount is { } dollars ? string.Create(CultureInfo.InvariantCulture, $"${dollars:0.######}") : null;

    /// <summary>A text as YAML: plain where nobody can take it for something else, else in double quotes.</summary>
    private static string Quoted(string text, bool inList = false)
    {
        bool plain = text.Length > 0 && (char.IsAsciiLetterOrDigit(text[0]) || text[0] == '$') && text[^1] != ':' && text[^1] != ' '
            && text.All(c => char.IsAsciiLetterOrDigit(c) || "-_./@$ ".Contains(c, StringComparison.Ordinal) || (!inList && c == ':'))
            && !text.Contains(": ", StringComparison.Ordinal)
            && text.ToLowerInvariant() is not ("null" or "yes" or "no" or "on" or "off");
        if (plain) { return text; }
        var quoted = new StringBuilder("\"");
        foreach (char c in text)
        {
            if (c is '"' or '\\') { quoted.Append('\\').Append(c); }
            else if (char.IsControl(c) || c is '\u2028' or '\u2029') { quoted.Append(CultureInfo.InvariantCulture, $"\\u{(int)c:x4}"); }
            else { quoted.Append(c); }
        }

        return quoted.Append('"').ToString();
    }
}
