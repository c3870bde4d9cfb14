using System.Globalization;
using System.Net;
using Gigawatt.Tenants;
using Gigawatt.Workloads;

namespace Gigawatt.Server.Identity;

/// <summary>Lists as the texts in which the store keeps them, one item a line.</summary>
internal static class IdentityText
{
    public static string OfLines(IEnumerable<string> items) => string.Join('\n', items);

    public static string[] Lines(string text) => text.Split('\n', StringSplitOptions.RemoveEmptyEntries);

    public static string Of(IEnumerable<BudgetLimit> budgets) =>
        OfLines(budgets.Select(static b => string.Create(CultureInfo.InvariantCulture, $"{b.Unit} {b.Amount} {b.Period} {b.Model}")));

    public static BudgetLimit[] Budgets(string text) => Array.ConvertAll(Lines(text), static line =>
    {
        string[] words = line.Split(' ', 4);
        return new BudgetLimit(Enum.Parse<BudgetUnit>(words[0]), long.Parse(words[1], CultureInfo.InvariantCulture), Enum.Parse<BudgetPeriod>(words[2]), words[3]);
    });

    public static string Of(IEnumerable<RateLimit> limits) =>
        OfLines(limits.Select(static l => string.Create(CultureInfo.InvariantCulture, $"{l.Kind} {l.Amount} {l.Model}")));

    public static RateLimit[] Limits(string text) => Array.ConvertAll(Lines(text), static line =>
    {
        string[] words = line.Split(' ', 3);
        return new RateLimit(Enum.Parse<RateKind>(words[0]), long.Parse(words[1], CultureInfo.InvariantCulture), words[2]);
    });

    public static IPNetwork[] Networks(string text) => Array.ConvertAll(Lines(text), static line => IPNetwork.Parse(line));

    public static Priority Priority(string text) => Enum.Parse<Priority>(text);
}
