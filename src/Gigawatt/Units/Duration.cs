using System.Buffers;
using System.Globalization;

namespace Gigawatt.Units;

/// <summary>A length of time in whole nanoseconds; may be negative.</summary>
/// <param name="Nanoseconds">Up to 292 years either way.</param>
public readonly record struct Duration(long Nanoseconds) : IComparable<Duration>
{
    private static readonly SearchValues<char> Digits = SearchValues.Create("0123456789");
    private static readonly SearchValues<char> NumberCharacters = SearchValues.Create("0123456789.");

    /// <summary>No time at all.</summary>
    public static readonly Duration Zero;

    /// <summary>Whole seconds.</summary>
    public static Duration FromSeconds(long seconds) => new(checked(seconds * 1_000_000_000));

    /// <summary>Whole milliseconds.</summary>
    public static Duration FromMilliseconds(long milliseconds) => new(checked(milliseconds * 1_000_000));

    /// <summary>Fractional seconds, rounded to the nearest nanosecond.</summary>
    public static Duration FromSeconds(double seconds) => new(checked((long)Math.Round(seconds * 1e9)));

    /// <summary>From a <see cref="TimeSpan"/>, whose resolution is 100 ns.</summary>
    public static Duration From(TimeSpan span) => new(checked(span.Ticks * 100));

    /// <summary>In seconds, for display and physics.</summary>
    public double Seconds => Nanoseconds / 1e9;

    /// <summary>As a <see cref="TimeSpan"/>, cut to 100 ns.</summary>
    public TimeSpan ToTimeSpan() => TimeSpan.FromTicks(Nanoseconds / 100);

    /// <summary>Sum.</summary>
    public static Duration operator +(Duration left, Duration right) => new(checked(left.Nanoseconds + right.Nanoseconds));

    /// <summary>Difference.</summary>
    public static Duration operator -(Duration left, Duration right) => new(checked(left.Nanoseconds - right.Nanoseconds));

    /// <summary>Shorter than.</summary>
    public static bool operator <(Duration left, Duration right) => left.Nanoseconds < right.Nanoseconds;

    /// <summary>Longer than.</summary>
    public static bool operator >(Duration left, Duration right) => left.Nanoseconds > right.Nanoseconds;

    /// <summary>Not longer than.</summary>
    public static bool operator <=(Duration left, Duration right) => left.Nanoseconds <= right.Nanoseconds;

    /// <summary>Not shorter than.</summary>
    public static bool operator >=(Duration left, Duration right) => left.Nanoseconds >= right.Nanoseconds;

    /// <inheritdoc/>
    public int CompareTo(Duration other) => Nanoseconds.CompareTo(other.Nanoseconds);

    /// <summary>Reads <c>500ms</c>, <c>90s</c>, <c>15m</c>, <c>2h</c>, <c>1d</c>, sums such as <c>1h30m</c>, or plain seconds.</summary>
    /// <returns>False when the text is not a duration, is negative or overflows.</returns>
    public static bool TryParse(ReadOnlySpan<char> text, out Duration duration)
    {
        duration = default;
        text = text.Trim();
        if (text.IsEmpty) { return false; }
        decimal nanoseconds = 0;
        while (!text.IsEmpty)
        {
            int digits = text.IndexOfAnyExcept(NumberCharacters);
            if (digits == 0) { return false; }
            ReadOnlySpan<char> number = digits < 0 ? text : text[..digits];
            if (!decimal.TryParse(number, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out decimal value)) { return false; }
            text = digits < 0 ? default : text[digits..];
            int unit = text.IndexOfAny(Digits);
            ReadOnlySpan<char> name = unit < 0 ? text : text[..unit];
            if (NanosecondsPer(name) is not { } scale || value > long.MaxValue / scale) { return false; }
            nanoseconds += value * scale;
            text = unit < 0 ? default : text[unit..];
        }

        if (nanoseconds > long.MaxValue) { return false; }
        duration = new((long)nanoseconds);
        return true;
    }

    /// <summary>Two largest units, such as <c>2h05m</c>, <c>1.5s</c> or <c>250ms</c>.</summary>
    public override string ToString()
    {
        if (Nanoseconds < 0) { return $"-{new Duration(-Nanoseconds)}"; }
        long seconds = Nanoseconds / 1_000_000_000;
        return seconds switch
        {
            >= 86_400 => string.Create(CultureInfo.InvariantCulture, $"{seconds / 86_400}d{seconds % 86_400 / 3_600:00}h"),
            >= 3_600 => string.Create(CultureInfo.InvariantCulture, $"{seconds / 3_600}h{seconds % 3_600 / 60:00}m"),
            >= 60 => string.Create(CultureInfo.InvariantCulture, $"{seconds / 60}m{seconds % 60:00}s"),
            >= 1 => string.Create(CultureInfo.InvariantCulture, $"{Math.Floor(Nanoseconds / 1e8) / 10:0.#}s"),
            _ => string.Create(CultureInfo.InvariantCulture, $"{Nanoseconds / 1_000_000}ms"),
        };
    }

    private static decimal? NanosecondsPer(ReadOnlySpan<char> unit) => unit switch
    {
        "ms" => 1_000_000m,
        "" or "s" => 1_000_000_000m,
        "m" or "min" => 60_000_000_000m,
        "h" => 3_600_000_000_000m,
        "d" => 86_400_000_000_000m,
        _ => null,
    };
}
