using System.Globalization;

namespace Gigawatt.Cli.Terminal;

/// <summary>Quantities and foreign text in words for people.</summary>
internal static class Words
{
    /// <summary>Text from elsewhere without control characters, which could steer the terminal. Line ends stay.</summary>
    public static string Safe(string text) =>
        text.Any(Steers) ? string.Concat(text.Select(c => Steers(c) ? '\uFFFD' : c)) : text;

    private static bool Steers(char c) => char.IsControl(c) && c != '\n';

    /// <summary>Text for a cell: safe, and on one line.</summary>
    public static string Cell(string? text) => Safe(text ?? "").Replace('\n', ' ');

    /// <summary>How long ago, in the largest unit that fits: <c>12s</c>, <c>3m</c>, <c>2h</c>, <c>5d</c>.</summary>
    public static string Span(TimeSpan span) => span switch
    {
        { Ticks: <= 0 } => "0s",
        { TotalSeconds: < 1 } => Text($"{span.TotalMilliseconds:0}ms"),
        { TotalMinutes: < 1 } => Text($"{span.TotalSeconds:0}s"),
        { TotalHours: < 1 } => Text($"{Math.Floor(span.TotalMinutes):0}m"),
        { TotalDays: < 2 } => Text($"{Math.Floor(span.TotalHours):0}h"),
        _ => Text($"{Math.Floor(span.TotalDays):0}d"),
    };

    /// <summary>A count with thousands separators.</summary>
    public static string Count(long count) => Text($"{count:#,0}");

    /// <summary>A number with as many decimals as it needs, three at most.</summary>
    public static string Number(double number) => Text($"{number:#,0.###}");

    /// <summary>Dollars; small amounts keep the digits that matter.</summary>
    public static string Dollars(decimal usd) => usd is not 0 and > -1 and < 1 ? Text($"${usd:0.00####}") : Text($"${usd:#,0.00}");

    /// <summary>Dollars to the micro-dollar, so that rows add up to their total.</summary>
    public static string ExactDollars(decimal usd) => Text($"${usd:#,0.00####}");

    /// <summary>Energy in J, Wh, kWh or MWh.</summary>
    public static string Energy(decimal joules) => Math.Abs(joules) switch
    {
        < 3_600 => Text($"{joules:0.##} J"),
        < 3_600_000 => Text($"{joules / 3_600:0.##} Wh"),
        < 3_600_000_000 => Text($"{joules / 3_600_000:0.##} kWh"),
        _ => Text($"{joules / 3_600_000_000:#,0.##} MWh"),
    };

    /// <summary>Emissions in mg, g, kg or t.</summary>
    public static string Mass(decimal grams) => Math.Abs(grams) switch
    {
        0 => "0 g",
        < 1 => Text($"{grams * 1_000:0.##} mg"),
        < 1_000 => Text($"{grams:0.##} g"),
        < 1_000_000 => Text($"{grams / 1_000:0.##} kg"),
        _ => Text($"{grams / 1_000_000:#,0.##} t"),
    };

    /// <summary>Water in ml, l or m³.</summary>
    public static string Volume(decimal litres) => Math.Abs(litres) switch
    {
        0 => "0 l",
        < 1 => Text($"{litres * 1_000:0.##} ml"),
        < 1_000 => Text($"{litres:0.##} l"),
        _ => Text($"{litres / 1_000:#,0.##} m³"),
    };

    /// <summary>A time in UTC, to the second.</summary>
    public static string Moment(DateTimeOffset moment) => Text($"{moment.UtcDateTime:yyyy-MM-dd HH:mm:ss} UTC");

    /// <summary>A command line as a shell would take it.</summary>
    public static string ShellLine(IEnumerable<string> command) => string.Join(' ', command.Select(Quoted));

    private static string Quoted(string argument) =>
        argument.Length > 0 && argument.All(static c => char.IsAsciiLetterOrDigit(c) || "-_./=:,@%+".Contains(c, StringComparison.Ordinal))
            ? argument
            : $"'{argument.Replace("'", "'\\''", StringComparison.Ordinal)}'";

    private static string Text(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
