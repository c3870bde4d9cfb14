using System.Globalization;
using System.Text;

namespace Gigawatt.Server.Telemetry;

/// <summary>All metrics in Prometheus' text format, version 0.0.4.</summary>
internal static class PrometheusText
{
    /// <summary>The format's media type.</summary>
    public const string MediaType = "text/plain; version=0.0.4; charset=utf-8";

    private const double NanosecondsPerSecond = 1e9;

    /// <summary>Everything as it is now.</summary>
    public static string Write(RequestTelemetry telemetry)
    {
        var text = new StringBuilder(16 << 10);
        Series[] all = [.. telemetry.Series.All];
        Histogram(text, Metric.TokenUsage, all, 1, ("input", static s => s.InputTokens), ("output", static s => s.OutputTokens));
        Histogram(text, Metric.Duration, all, NanosecondsPerSecond, (null, static s => s.Durations));
        Histogram(text, Metric.FirstByte, all, NanosecondsPerSecond, (null, static s => s.FirstBytes));
        Counter(text, Metric.Records, all, static s => s.Records);
        Counter(text, Metric.Attempts, all, static s => s.Attempts);
        Head(text, Metric.Tokens);
        foreach (Series series in all)
        {
            for (int type = 0; type < Series.TokenTypes.Length; type++)
            {
                if (series.TokensOf(type) is not 0 and var tokens) { Line(text, Metric.Tokens, "", series, Series.TokenTypes[type], tokens.ToString(CultureInfo.InvariantCulture)); }
            }
        }

        Counter(text, Metric.WebSearches, all, static s => s.WebSearches);
        Counter(text, Metric.Cost, all, static s => s.Dollars);
        Head(text, Metric.Energy);
        foreach (Series series in all) { Line(text, Metric.Energy, "", series, Series.MethodName(series.Key.Method), Number(series.Joules)); }
        Counter(text, Metric.Carbon, all, static s => s.Grams);
        Counter(text, Metric.Water, all, static s => s.Litres);
        Head(text, Metric.Refusals);
        foreach ((string reason, string operation, long count) in telemetry.Refusals) { Line(text, Metric.Refusals, [reason, operation], count.ToString(CultureInfo.InvariantCulture)); }
        foreach ((Metric metric, Func<IEnumerable<GaugeReading>> read) in telemetry.Gauges)
        {
            Head(text, metric);
            foreach (GaugeReading reading in read()) { Line(text, metric, reading.Labels, reading.Value.ToString("R", CultureInfo.InvariantCulture)); }
        }

        return text.ToString();
    }

    private static void Head(StringBuilder text, Metric metric) =>
        text.Append("# HELP ").Append(metric.Prometheus).Append(' ').Append(metric.Help).Append('\n')
            .Append("# TYPE ").Append(metric.Prometheus).Append(' ').Append(metric.Kind.ToString().ToLowerInvariant()).Append('\n');

    private static void Counter(StringBuilder text, Metric metric, Series[] all, Func<Series, decimal> value)
    {
        Head(text, metric);
        foreach (Series series in all) { Line(text, metric, "", series, null, Number(value(series))); }
    }

    private static void Histogram(StringBuilder text, Metric metric, Series[] all, double unit, params (string? Type, Func<Series, HistogramCounts> Of)[] parts)
    {
        Head(text, metric);
        foreach (Series series in all)
        {
            if (series.Key.Kind == Metering.UsageKind.Job) { continue; }
            foreach ((string? type, Func<Series, HistogramCounts> of) in parts)
            {
                HistogramCounts counts = of(series);
                long total = 0;
                for (int i = 0; i <= counts.Bounds.Length; i++)
                {
                    total += counts.Count(i);
                    string bound = i == counts.Bounds.Length ? "+Inf" : (counts.Bounds[i] / unit).ToString("R", CultureInfo.InvariantCulture);
                    Line(text, metric, "_bucket", series, type, total.ToString(CultureInfo.InvariantCulture), bound);
                }

                Line(text, metric, "_sum", series, type, (counts.Sum / unit).ToString("R", CultureInfo.InvariantCulture));
                Line(text, metric, "_count", series, type, total.ToString(CultureInfo.InvariantCulture));
            }
        }
    }

    private static void Line(StringBuilder text, Metric metric, string suffix, Series series, string? own, string value, string? bound = null)
    {
        text.Append(metric.Prometheus).Append(suffix);
        char before = '{';
        for (int i = 0; i < series.Labels.Length; i++) { Label(text, ref before, Metric.SeriesAttributes[i], series.Labels[i]); }
        if (own is not null) { Label(text, ref before, metric.Attributes[0], own); }
        if (bound is not null) { Label(text, ref before, "le", bound); }
        text.Append(before == '{' ? " " : "} ").Append(value).Append('\n');
    }

    private static void Line(StringBuilder text, Metric metric, string[] labels, string value)
    {
        text.Append(metric.Prometheus);
        char before = '{';
        for (int i = 0; i < labels.Length; i++) { Label(text, ref before, metric.Attributes[i], labels[i]); }
        text.Append(before == '{' ? " " : "} ").Append(value).Append('\n');
    }

    private static void Label(StringBuilder text, ref char before, string name, string value)
    {
        if (value.Length == 0) { return; }
        text.Append(before).Append(name.Replace('.', '_')).Append("=\"");
        before = ',';
        foreach (char c in value)
        {
            text.Append(c switch { '\\' => "\\\\", '"' => "\\\"", '\n' => "\\n", _ => c.ToString() });
        }

        text.Append('"');
    }

    private static string Number(decimal value) => value.ToString("0.##########", CultureInfo.InvariantCulture);
}
