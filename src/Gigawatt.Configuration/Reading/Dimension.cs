using System.Buffers;
using System.Globalization;

namespace Gigawatt.Configuration.Reading;

/// <summary>A kind of quantity and the units it is written in.</summary>
/// <param name="Noun">With its article, such as <c>an amount of memory</c>.</param>
/// <param name="Example">A valid text.</param>
/// <param name="Max">Largest value in the base unit.</param>
/// <param name="Units">Units by spelling, with their size in the base unit. Spellings are exact: <c>mW</c> is not <c>MW</c>.</param>
internal sealed record Dimension(string Noun, string Example, decimal Max, params (string Name, decimal Size)[] Units)
{
    /// <summary>In bytes. <c>KiB, MiB, GiB</c> are powers of 1,024; <c>kB, MB, GB</c> are powers of 1,000, as the SI has it.</summary>
    public static readonly Dimension Memory = new("an amount of memory", "64GiB", 1_000_000_000_000_000m,
        ("B", 1), ("KiB", 1024), ("MiB", 1024 * 1024), ("GiB", 1024m * 1024 * 1024), ("TiB", 1024m * 1024 * 1024 * 1024),
        ("kB", 1_000), ("MB", 1_000_000), ("GB", 1_000_000_000), ("TB", 1_000_000_000_000m));

    /// <summary>In milliwatts.</summary>
    public static readonly Dimension Power = new("a power", "1.2kW", 1_000_000_000_000_000m,
        ("mW", 1), ("W", 1_000), ("kW", 1_000_000), ("MW", 1_000_000_000), ("GW", 1_000_000_000_000m));

    /// <summary>In microjoules.</summary>
    public static readonly Dimension Energy = new("an energy", "0.8J", 1_000_000_000_000_000m,
        ("uJ", 1), ("mJ", 1_000), ("J", 1_000_000), ("kJ", 1_000_000_000));

    /// <summary>In grams of CO2 equivalent for each MWh.</summary>
    public static readonly Dimension CarbonIntensity = new("a carbon intensity", "362.6 g/kWh", 10_000_000,
        ("g/kWh", 1_000), ("kg/MWh", 1_000));

    /// <summary>In millilitres for each MWh.</summary>
    public static readonly Dimension WaterIntensity = new("a water intensity", "0.3 l/kWh", 1_000_000_000,
        ("l/kWh", 1_000_000), ("L/kWh", 1_000_000));

    private static readonly SearchValues<char> NumberCharacters = SearchValues.Create("0123456789.+-");
    private static readonly Dimension[] All = [Memory, Power, Energy, CarbonIntensity, WaterIntensity];

    /// <summary>Reads a number with one of the units, in the base unit.</summary>
    /// <returns>Null when it could, else what is wrong and what to write.</returns>
    public string? Read(string text, out decimal value)
    {
        value = 0;
        string trimmed = text.Trim();
        int digits = trimmed.AsSpan().IndexOfAnyExcept(NumberCharacters);
        string number = digits < 0 ? trimmed : trimmed[..digits];
        string unit = digits < 0 ? "" : trimmed[digits..].Trim();
        if (!Numbers.TryRead(number, out decimal amount)) { return $"{Numbers.Quote(text)} is not {Noun}; {Advice}"; }
        if (unit.Length == 0) { return $"{Numbers.Quote(text)} has no unit; {Advice}"; }
        decimal size = Array.Find(Units, u => u.Name == unit).Size;
        if (size == 0) { return WrongUnit(text, unit); }
        if (amount < 0) { return $"{Numbers.Quote(text)} is negative; {Advice}"; }
        if (amount > Max / size) { return $"{Numbers.Quote(text)} is too large; {Advice}"; }
        value = amount * size;
        return null;
    }

    private string WrongUnit(string text, string unit)
    {
        Dimension? other = Array.Find(All, d => Array.Exists(d.Units, u => u.Name == unit));
        if (other is not null) { return $"{Numbers.Quote(text)} is {other.Noun}, not {Noun}; {Advice}"; }
        string? near = Array.Find(Units, u => u.Name.Equals(unit, StringComparison.OrdinalIgnoreCase)).Name;
        return near is null
            ? $"{Numbers.Quote(text)} has the unit {Numbers.Quote(unit)}, which is not {Noun}; {Advice}"
            : $"{Numbers.Quote(text)} has the unit {Numbers.Quote(unit)}; did you mean {Numbers.Quote(near)}?";
    }

    private string Advice => $"write {Noun} such as {Example}";
}

/// <summary>Numbers and quoted values, the same way in every message.</summary>
internal static class Numbers
{
    /// <summary>Reads digits with an optional sign and decimal point; no exponent, no thousands separator.</summary>
    public static bool TryRead(string text, out decimal value) =>
        decimal.TryParse(text.Trim(), NumberStyles.AllowLeadingSign | NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out value);

    /// <summary>The text in quotes, cut when long.</summary>
    public static string Quote(string text) => text.Length <= 60 ? $"\"{text}\"" : $"\"{text[..57]}...\"";

    /// <summary>A number for people: <c>1,000,000</c>.</summary>
    public static string Show(decimal value) => value.ToString("#,0.###", CultureInfo.InvariantCulture);
}
