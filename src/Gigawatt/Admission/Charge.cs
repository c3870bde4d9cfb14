using Gigawatt.Metering;
using Gigawatt.Models;
using Gigawatt.Tenants;
using Gigawatt.Units;

namespace Gigawatt.Admission;

/// <summary>What work takes from budgets and limits, in every unit that they count: the most it can take, or what it took.</summary>
/// <param name="Cost">Dollars at list price.</param>
/// <param name="InputTokens">Tokens of the prompt, cached ones included.</param>
/// <param name="OutputTokens">Tokens of the answer.</param>
/// <param name="Energy">Energy at the facility meter.</param>
/// <param name="Carbon">Location-based emissions.</param>
public readonly record struct Charge(Usd Cost, long InputTokens, long OutputTokens, Joules Energy, GramsCO2e Carbon)
{
    /// <summary>Of these tokens and what they cost.</summary>
    public static Charge Of(TokenUsage tokens, RequestImpact impact) => new(impact.Cost, tokens.TotalInput, tokens.Output, impact.Energy, impact.Carbon);

    /// <summary>The most of both in each unit: a bound of work that may become either.</summary>
    public static Charge Max(in Charge one, in Charge other) => new(
        one.Cost > other.Cost ? one.Cost : other.Cost,
        Math.Max(one.InputTokens, other.InputTokens),
        Math.Max(one.OutputTokens, other.OutputTokens),
        one.Energy > other.Energy ? one.Energy : other.Energy,
        one.Carbon.Micrograms > other.Carbon.Micrograms ? one.Carbon : other.Carbon);

    /// <summary>In the small unit of a budget.</summary>
    public long In(BudgetUnit unit) => unit switch
    {
        BudgetUnit.Dollars => Cost.Micros,
        BudgetUnit.Tokens => checked(InputTokens + OutputTokens),
        BudgetUnit.Joules => Energy.Millijoules,
        BudgetUnit.Grams => Carbon.Micrograms,
        _ => throw new ArgumentOutOfRangeException(nameof(unit), unit, null),
    };

    /// <summary>In what a rate limit counts; a request under way is one.</summary>
    public long In(RateKind kind) => kind switch
    {
        RateKind.Tokens => checked(InputTokens + OutputTokens),
        RateKind.InputTokens => InputTokens,
        RateKind.OutputTokens => OutputTokens,
        _ => 1,
    };
}
