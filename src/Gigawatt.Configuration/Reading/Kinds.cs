using Gigawatt.Units;

namespace Gigawatt.Configuration.Reading;

/// <summary>The kinds of fields that our files have.</summary>
internal static class Kinds
{
    /// <summary>A name: letters, digits, dots, hyphens and underscores, 1 to 63 of them, the first a letter or digit.</summary>
    public static readonly Kind<string> Name = new("my-name", static (string text, out string value) =>
    {
        value = text;
        return IsName(text) ? null : $"{Numbers.Quote(text)} is not a name; write 1 to 63 letters, digits, '.', '-' or '_', starting with a letter or digit";
    });

    /// <summary>A model's name, or the start of one followed by <c>*</c>.</summary>
    public static readonly Kind<string> ModelPattern = new("claude-*", static (string text, out string value) =>
    {
        value = text;
        bool isPattern = text.Length is > 0 and <= 200 && !text.Any(static c => char.IsControl(c) || char.IsWhiteSpace(c))
            && text.IndexOf('*', StringComparison.Ordinal) is int star && (star < 0 || star == text.Length - 1);
        return isPattern ? null : $"{Numbers.Quote(text)} is not a model; write its name without spaces, or how names start followed by one *, such as claude-*";
    });

    /// <summary>Any text that is not empty.</summary>
    public static readonly Kind<string> Text = new("some text", static (string text, out string value) =>
    {
        value = text;
        return string.IsNullOrWhiteSpace(text) ? "has no value; write some text" : null;
    });

    /// <summary>Memory in whole MiB, more than zero, rounded down so that nothing is promised that is not there.</summary>
    public static readonly Kind<int> MemoryMib = new(Dimension.Memory.Example, static (string text, out int value) =>
    {
        string? wrong = ReadWhole(Dimension.Memory, 1024 * 1024, "1MiB", text, out decimal mib);
        value = (int)mib;
        return wrong;
    });

    /// <summary>A size in bytes, more than zero.</summary>
    public static readonly Kind<long> Bytes = new(Dimension.Memory.Example, static (string text, out long value) =>
    {
        string? wrong = ReadWhole(Dimension.Memory, 1, "1B", text, out decimal bytes);
        value = (long)bytes;
        return wrong;
    });

    /// <summary>A power, zero included.</summary>
    public static readonly Kind<Watts> Power = new(Dimension.Power.Example, static (string text, out Watts value) =>
    {
        string? wrong = Dimension.Power.Read(text, out decimal milliwatts);
        value = new Watts((long)milliwatts);
        return wrong;
    });

    /// <summary>An energy in microjoules, zero included.</summary>
    public static readonly Kind<long> Microjoules = FromZero(Dimension.Energy);

    /// <summary>A carbon intensity in grams for each MWh, zero included.</summary>
    public static readonly Kind<long> CarbonIntensity = FromZero(Dimension.CarbonIntensity);

    /// <summary>A water intensity in millilitres for each MWh, zero included.</summary>
    public static readonly Kind<long> WaterIntensity = FromZero(Dimension.WaterIntensity);

    /// <summary>United States dollars, zero included.</summary>
    public static readonly Kind<Usd> Dollars = new("$2.50", static (string text, out Usd value) =>
    {
        value = Usd.Zero;
        const string advice = "write United States dollars such as $2.50 or 2.50 USD";
        string amount = text.Trim();
        if (amount.EndsWith("USD", StringComparison.Ordinal)) { amount = amount[..^3].TrimEnd(); }
        else if (amount.StartsWith('$')) { amount = amount[1..]; }
        if (!Numbers.TryRead(amount, out decimal dollars)) { return $"{Numbers.Quote(text)} is not an amount of money; {advice}"; }
        if (dollars < 0) { return $"{Numbers.Quote(text)} is negative; {advice}"; }
        if (dollars > 1_000_000_000_000m) { return $"{Numbers.Quote(text)} is too large; {advice}"; }
        value = new Usd((long)decimal.Round(dollars * 1_000_000));
        return null;
    });

    /// <summary>A length of time, longer than zero.</summary>
    public static readonly Kind<Duration> Time = new("1h30m", static (string text, out Duration value) =>
        !Duration.TryParse(text, out value) ? $"{Numbers.Quote(text)} is not a length of time; write one such as 250ms, 90s, 15m or 1h30m"
        : value <= Duration.Zero ? $"{Numbers.Quote(text)} must be longer than zero; write a time such as 90s or 15m"
        : null);

    /// <summary>A length of time, zero included.</summary>
    public static readonly Kind<Duration> TimeFromZero = new("10s", static (string text, out Duration value) =>
        Duration.TryParse(text, out value) ? null : $"{Numbers.Quote(text)} is not a length of time; write one such as 250ms, 90s, 15m or 1h30m");

    /// <summary>CPU cores in thousandths.</summary>
    public static readonly Kind<int> Cores = Thousandths("a number of cores", "64", 0.001m, 1_000_000m);

    /// <summary>A number in thousandths within bounds.</summary>
    public static Kind<int> Thousandths(string noun, string example, decimal min, decimal max) => new(example, (string text, out int value) =>
    {
        value = 0;
        if (!Numbers.TryRead(text, out decimal number)) { return $"{Numbers.Quote(text)} is not {noun}; write {noun} such as {example}"; }
        if (number < min || number > max) { return $"{Numbers.Quote(text)} is out of range; write {noun} from {Numbers.Show(min)} to {Numbers.Show(max)}"; }
        if (number * 1000 % 1 != 0) { return $"{Numbers.Quote(text)} has more than three decimals; write {noun} such as {example}"; }
        value = (int)(number * 1000);
        return null;
    });

    /// <summary>A whole number within bounds.</summary>
    public static Kind<int> Whole(int min, int max, string example) => new(example, (string text, out int value) =>
    {
        value = 0;
        bool isNumber = Numbers.TryRead(text, out decimal number);
        if (!isNumber || number % 1 != 0) { return $"{Numbers.Quote(text)} is not a whole number; write one from {Numbers.Show(min)} to {Numbers.Show(max)}"; }
        if (number < min || number > max) { return $"{Numbers.Quote(text)} is out of range; write a whole number from {Numbers.Show(min)} to {Numbers.Show(max)}"; }
        value = (int)number;
        return null;
    });

    /// <summary>One of some words.</summary>
    public static Kind<T> OneOf<T>(params (string Word, T Value)[] words) => new(words[0].Word, (string text, out T value) =>
    {
        int index = Array.FindIndex(words, w => w.Word == text);
        value = index < 0 ? words[0].Value : words[index].Value;
        return index >= 0 ? null : Unknown(text, words.Select(w => w.Word));
    });

    /// <summary>The complaint about a word that is none of those there are.</summary>
    public static string Unknown(string text, IEnumerable<string> words) => NearestName.Of(text, words) is { } near
        ? $"{Numbers.Quote(text)} is unknown; did you mean {Numbers.Quote(near)}?"
        : $"{Numbers.Quote(text)} is unknown; write one of {string.Join(", ", words)}";

    private static bool IsName(string text) =>
        text.Length is > 0 and <= 63 && char.IsAsciiLetterOrDigit(text[0])
        && text.All(static c => char.IsAsciiLetterOrDigit(c) || c is '.' or '-' or '_');

    // Rounds down: memory that is not whole is not promised.
    private static string? ReadWhole(Dimension dimension, decimal unit, string least, string text, out decimal whole)
    {
        string? wrong = dimension.Read(text, out decimal amount);
        whole = decimal.Floor(amount / unit);
        return wrong ?? (whole < 1 ? $"{Numbers.Quote(text)} is too small; write at least {least}" : null);
    }

    private static Kind<long> FromZero(Dimension dimension) => new(dimension.Example, (string text, out long value) =>
    {
        string? wrong = dimension.Read(text, out decimal amount);
        value = (long)decimal.Round(amount);
        return wrong;
    });
}
