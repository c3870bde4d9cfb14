using System.Buffers;
using Gigawatt.Configuration.Reading;
using Gigawatt.Tenants;
using Gigawatt.Units;

namespace Gigawatt.Configuration;

/// <summary>Budgets and rate limits as people write them, the same in files, in commands and in the control API.</summary>
public static class AllowanceText
{
    internal static readonly Kind<BudgetLimit> Budget = new("$20 per day", Nullable<BudgetLimit>(ReadBudget));
    internal static readonly Kind<RateLimit> Limit = new("60 requests per minute", Nullable<RateLimit>(ReadLimit));

    private const string BudgetAdvice = "write an amount and its time such as $20 per day, 5M tokens per week, 10kWh per month or 50kg in total";
    private const string LimitAdvice = "write one such as 60 requests per minute (60rpm), 40k input tokens per minute (40k itpm), 8k output tokens per minute (8k otpm), 100k tokens per minute (100k tpm) or 16 concurrent";

    private static readonly SearchValues<char> NumberCharacters = SearchValues.Create("0123456789.");

    private static readonly (string Words, BudgetPeriod Period)[] Periods =
        [(" per day", BudgetPeriod.Day), (" per week", BudgetPeriod.Week), (" per month", BudgetPeriod.Month), (" in total", BudgetPeriod.Total)];

    // In millijoules, and in micrograms.
    private static readonly (string Name, decimal Size)[] Energies =
        [("MWh", 3_600_000_000_000m), ("kWh", 3_600_000_000m), ("Wh", 3_600_000m), ("GJ", 1_000_000_000_000m), ("MJ", 1_000_000_000m), ("kJ", 1_000_000m), ("J", 1_000m)];

    private static readonly (string Name, decimal Size)[] Masses = [("kg", 1_000_000_000m), ("g", 1_000_000m), ("t", 1_000_000_000_000m)];

    private static readonly (string Words, RateKind Kind)[] Rates =
    [
        ("requests per minute", RateKind.Requests), ("rpm", RateKind.Requests),
        ("input tokens per minute", RateKind.InputTokens), ("itpm", RateKind.InputTokens),
        ("output tokens per minute", RateKind.OutputTokens), ("otpm", RateKind.OutputTokens),
        ("tokens per minute", RateKind.Tokens), ("tpm", RateKind.Tokens),
        ("concurrent", RateKind.Concurrent),
    ];

    /// <summary>Reads a budget such as <c>$20 per day for claude-*</c>.</summary>
    /// <returns>Null when it could, else what is wrong and what to write.</returns>
    public static string? ReadBudget(string text, out BudgetLimit? budget)
    {
        budget = null;
        if (SplitModel(text, out string rest, out string model) is { } wrongModel) { return wrongModel; }
        (string words, BudgetPeriod period) = Array.Find(Periods, p => rest.EndsWith(p.Words, StringComparison.Ordinal));
        if (words is null) { return $"{Numbers.Quote(text)} does not say for how long; {BudgetAdvice}"; }
        if (ReadAmount(rest[..^words.Length].Trim(), out BudgetUnit unit, out long amount) is { } wrong) { return wrong; }
        budget = new(unit, amount, period, model);
        return null;
    }

    /// <summary>Reads a rate limit such as <c>60 requests per minute</c>, <c>60rpm</c> or <c>8k otpm for claude-*</c>.</summary>
    /// <returns>Null when it could, else what is wrong and what to write.</returns>
    public static string? ReadLimit(string text, out RateLimit? limit)
    {
        limit = null;
        if (SplitModel(text, out string rest, out string model) is { } wrongModel) { return wrongModel; }
        int letters = rest.AsSpan().IndexOfAnyExcept(NumberCharacters);
        // "k" and "M" belong to the number, the rest says what is counted.
        string what = letters < 0 ? "" : rest[letters..].TrimStart();
        string number = letters < 0 ? rest : rest[..letters];
        if (what.Length > 1 && what[0] is 'k' or 'M')
        {
            number += what[0];
            what = what[1..].TrimStart();
        }

        what = what.Replace('-', ' ');
        (string words, RateKind kind) = Array.Find(Rates, r => r.Words == what || r.Words == what.Replace("request per", "requests per", StringComparison.Ordinal));
        if (words is null) { return $"{Numbers.Quote(text)} is not a limit; {LimitAdvice}"; }
        if (!TryReadCount(number, out decimal amount) || amount < 1 || amount > 1_000_000_000_000m || amount % 1 != 0)
        {
            return $"{Numbers.Quote(text)} must have a whole number from 1 to 1,000,000,000,000; {LimitAdvice}";
        }

        limit = new(kind, (long)amount, model);
        return null;
    }

    private static string? SplitModel(string text, out string rest, out string model)
    {
        const string For = " for ";
        text = text.Trim();
        int at = text.LastIndexOf(For, StringComparison.Ordinal);
        rest = at < 0 ? text : text[..at].TrimEnd();
        model = at < 0 ? "*" : text[(at + For.Length)..].Trim();
        return Kinds.ModelPattern.Read(model, out _);
    }

    private static string? ReadAmount(string text, out BudgetUnit unit, out long amount)
    {
        amount = 0;
        unit = BudgetUnit.Dollars;
        if (text.StartsWith('$') || text.EndsWith("USD", StringComparison.Ordinal) || Numbers.TryRead(text, out _))
        {
            string? wrong = Kinds.Dollars.Read(text, out Usd dollars);
            amount = dollars.Micros;
            return wrong;
        }

        decimal size;
        string number;
        if (text.EndsWith("tokens", StringComparison.Ordinal)) { (unit, number, size) = (BudgetUnit.Tokens, text[..^6], 1); }
        else if (TryCut(text, Energies, out number, out size)) { unit = BudgetUnit.Joules; }
        else if (TryCut(WithoutGas(text), Masses, out number, out size)) { unit = BudgetUnit.Grams; }
        else { return $"{Numbers.Quote(text)} is not an amount of dollars, tokens, energy or CO2e; {BudgetAdvice}"; }

        bool read = unit == BudgetUnit.Tokens ? TryReadCount(number, out decimal value) : Numbers.TryRead(number, out value);
        if (!read || value < 0) { return $"{Numbers.Quote(text)} is not an amount; {BudgetAdvice}"; }
        if (value > long.MaxValue / 4 / size) { return $"{Numbers.Quote(text)} is too large; {BudgetAdvice}"; }
        amount = (long)decimal.Round(value * size);
        return null;
    }

    private static bool TryCut(string text, (string Name, decimal Size)[] units, out string number, out decimal size)
    {
        (string name, size) = Array.Find(units, u => text.EndsWith(u.Name, StringComparison.Ordinal));
        number = name is null ? "" : text[..^name.Length];
        return name is not null;
    }

    private static string WithoutGas(string text) =>
        text.EndsWith("CO2e", StringComparison.Ordinal) ? text[..^4].TrimEnd() : text.EndsWith("CO2", StringComparison.Ordinal) ? text[..^3].TrimEnd() : text;

    private static bool TryReadCount(string text, out decimal value)
    {
        text = text.Trim();
        decimal size = text.Length == 0 ? 1 : text[^1] switch { 'k' => 1_000, 'M' => 1_000_000, 'G' => 1_000_000_000, _ => 1 };
        bool read = Numbers.TryRead(size == 1 ? text : text[..^1], out value) && value is >= 0 and < 1_000_000_000_000_000m;
        value = read ? value * size : 0;
        return read;
    }

    private delegate string? Reader<T>(string text, out T? value) where T : class;

    private static ReadText<T> Nullable<T>(Reader<T> read) where T : class => (string text, out T value) =>
    {
        string? wrong = read(text, out T? found);
        value = found!;
        return wrong;
    };
}
