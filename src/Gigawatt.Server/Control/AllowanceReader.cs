using System.Net;
using Gigawatt.Configuration;
using Gigawatt.Tenants;
using Gigawatt.Units;
using Microsoft.AspNetCore.Http;

namespace Gigawatt.Server.Control;

/// <summary>Reads what requests of the control API say of tenants, projects and keys, in the words of the config file. Every
/// mistake goes into one answer.</summary>
internal sealed class AllowanceReader
{
    // As many as the config file allows.
    private const int MostOfOneOwner = 16;
    private const int NameLengthMax = 200;

    private readonly List<string> _mistakes = [];

    /// <summary>The answer that names every mistake; null when there was none.</summary>
    public IResult? Error => _mistakes.Count == 0 ? null : ControlErrors.BadRequest(string.Join(". ", _mistakes) + ".");

    /// <summary>Notes a mistake.</summary>
    public T Wrong<T>(string mistake)
    {
        _mistakes.Add(mistake);
        return default!;
    }

    /// <summary>The name of a tenant or project, which stands in records, headers and paths.</summary>
    public string Name(string name)
    {
        bool sound = name.Length is > 0 and <= 63 && char.IsAsciiLetterOrDigit(name[0]) && name.All(static c => char.IsAsciiLetterOrDigit(c) || c is '.' or '-' or '_');
        return sound ? name : Wrong<string>($"name must be 1 to 63 letters, digits, '.', '-' or '_', starting with a letter or digit; it is '{name}'");
    }

    /// <summary>The name of a key, which is for people only.</summary>
    public string KeyName(string name) =>
        name.Length is > 0 and <= NameLengthMax && !name.Any(char.IsControl) ? name : Wrong<string>($"name must be 1 to {NameLengthMax} characters without line breaks");

    /// <summary>When a key ends.</summary>
    public Instant Expiry(DateTimeOffset? expires, TimeProvider time)
    {
        if (expires is not { } end) { return Instant.Never; }
        return end > time.GetUtcNow() && end.Year < 2262 ? Instant.From(end) : Wrong<Instant>($"expires must lie in the future and before the year 2262; it is {end:O}");
    }

    /// <summary>Models, as names or starts of names.</summary>
    public IReadOnlyList<string> Models(IReadOnlyList<string> models) => Patterns("models", models, "claude-*") is ["*"] ? [] : models;

    /// <summary>Paths, whole or their start.</summary>
    public IReadOnlyList<string> Routes(IReadOnlyList<string> routes)
    {
        foreach (string route in routes)
        {
            if (!route.StartsWith('/') && route != "*") { Wrong<string>($"routes must be paths such as /v1/messages*; '{route}' does not start with /"); }
        }

        return Patterns("routes", routes, "/v1/messages*") is ["*"] ? [] : routes;
    }

    /// <summary>Ranges of addresses.</summary>
    public IReadOnlyList<IPNetwork> Networks(IReadOnlyList<string> addresses) => ReadAll<IPNetwork>("addresses", addresses, AddressRanges.Read);

    /// <summary>Budgets.</summary>
    public IReadOnlyList<BudgetLimit> Budgets(IReadOnlyList<string> budgets)
    {
        List<BudgetLimit> read = ReadAll("budgets", budgets, static (string text, out BudgetLimit value) =>
        {
            string? wrong = AllowanceText.ReadBudget(text, out BudgetLimit? found);
            value = found!;
            return wrong;
        });
        if (read.DistinctBy(static b => (b.Unit, b.Period, b.Model)).Count() < read.Count) { Wrong<string>("budgets: two of them count the same; keep one of the two"); }
        return read;
    }

    /// <summary>Rate limits.</summary>
    public IReadOnlyList<RateLimit> Limits(IReadOnlyList<string> limits)
    {
        List<RateLimit> read = ReadAll("limits", limits, static (string text, out RateLimit value) =>
        {
            string? wrong = AllowanceText.ReadLimit(text, out RateLimit? found);
            value = found!;
            return wrong;
        });
        if (read.DistinctBy(static l => (l.Kind, l.Model)).Count() < read.Count) { Wrong<string>("limits: two of them count the same; keep one of the two"); }
        return read;
    }

    private delegate string? Reader<T>(string text, out T value);

    private List<T> ReadAll<T>(string field, IReadOnlyList<string> texts, Reader<T> reader)
    {
        var read = new List<T>(texts.Count);
        if (texts.Count > MostOfOneOwner) { Wrong<T>($"{field} must be {MostOfOneOwner} at most; there are {texts.Count}"); }
        foreach (string text in texts)
        {
            if (reader(text, out T value) is { } wrong) { Wrong<T>($"{field}: {wrong}"); }
            else { read.Add(value); }
        }

        return read;
    }

    private IReadOnlyList<string> Patterns(string field, IReadOnlyList<string> patterns, string example)
    {
        foreach (string pattern in patterns)
        {
            int star = pattern.IndexOf('*', StringComparison.Ordinal);
            bool sound = pattern.Length is > 0 and <= NameLengthMax && (star < 0 || star == pattern.Length - 1) && !pattern.Any(static c => char.IsControl(c) || char.IsWhiteSpace(c));
            if (!sound) { Wrong<string>($"{field}: '{pattern}' is not a name or the start of one followed by *, such as {example}"); }
        }

        return patterns;
    }
}
