using System.Collections.Concurrent;
using Gigawatt.Metering;
using Gigawatt.Models;
using Gigawatt.Wire;

namespace Gigawatt.Server.Telemetry;

/// <summary>A gauge's value now.</summary>
/// <param name="Value">In the metric's unit.</param>
/// <param name="Labels">The values of the metric's attributes.</param>
internal readonly record struct GaugeReading(double Value, params string[] Labels);

/// <summary>Counts what the server does. No text of a prompt or an answer comes here.</summary>
/// <remarks>
/// It sums in fields of its own, which <c>/metrics</c> reads when it is asked and OpenTelemetry when it exports: a record costs a
/// lookup and some additions, whether anybody reads them or not.
/// </remarks>
internal sealed class RequestTelemetry
{
    private readonly ConcurrentDictionary<(ApiErrorKind Reason, Dialect Dialect), Counter> _refusals = [];
    private readonly List<(Metric Metric, Func<IEnumerable<GaugeReading>> Read)> _gauges = [];

    /// <summary>The series of usage records.</summary>
    public SeriesTable Series { get; } = new();

    /// <summary>Gets each record besides, while OpenTelemetry exports.</summary>
    public Action<Series, UsageRecord>? Exported { get; set; }

    /// <summary>The gauges and how they are read.</summary>
    public IReadOnlyList<(Metric Metric, Func<IEnumerable<GaugeReading>> Read)> Gauges => _gauges;

    /// <summary>Refusals so far, by reason and operation.</summary>
    public IEnumerable<(string Reason, string Operation, long Count)> Refusals =>
        _refusals.GroupBy(r => (Words(r.Key.Reason), SeriesKey.Operation(r.Key.Dialect.Name())), r => r.Value.Value)
            .Select(g => (g.Key.Item1, g.Key.Item2, g.Sum())).OrderBy(r => r);

    /// <summary>Adds a gauge; before the server serves.</summary>
    public void AddGauge(Metric metric, Func<IEnumerable<GaugeReading>> read) => _gauges.Add((metric, read));

    /// <summary>Work ended.</summary>
    public void Record(UsageRecord record)
    {
        Series series = Series.Of(record);
        series.Add(record);
        Exported?.Invoke(series, record);
        RequestSpan.End(record);
    }

    /// <summary>A request was answered with an error of this server.</summary>
    public void Refused(ApiErrorKind reason, Dialect dialect)
    {
        _refusals.GetOrAdd((reason, dialect), static _ => new Counter()).Increment();
        RequestSpan.Refuse(reason);
    }

    /// <summary>An error's kind in the form of a label: <c>RateLimit</c> is <c>rate_limit</c>.</summary>
    internal static string Words(ApiErrorKind reason) =>
        string.Concat(reason.ToString().Select((c, i) => char.IsUpper(c) ? (i == 0 ? "" : "_") + char.ToLowerInvariant(c) : c.ToString()));

    private sealed class Counter
    {
        private long _value;

        public long Value => Volatile.Read(ref _value);

        public void Increment() => Interlocked.Increment(ref _value);
    }
}
