using System.Diagnostics.Metrics;
using Gigawatt.Metering;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using OpenTelemetry;
using OpenTelemetry.Metrics;
using OpenTelemetry.Resources;
using OpenTelemetry.Trace;

namespace Gigawatt.Server.Telemetry;

/// <summary>Sends metrics and spans to an OpenTelemetry collector. Nothing of it is loaded where no collector is configured.</summary>
internal sealed class OtlpExport : IDisposable
{
    private readonly Meter _meter = new(RequestSpan.Source);
    private readonly Histogram<long> _tokens;
    private readonly Histogram<double> _durations;
    private readonly Histogram<double> _firstBytes;
    private readonly MeterProvider? _metrics;
    private readonly TracerProvider? _traces;

    private OtlpExport(RequestTelemetry telemetry, IReadOnlyDictionary<string, string> environment)
    {
        _tokens = _meter.CreateHistogram<long>(Metric.TokenUsage.Name, Metric.TokenUsage.Unit, Metric.TokenUsage.Help);
        _durations = _meter.CreateHistogram<double>(Metric.Duration.Name, Metric.Duration.Unit, Metric.Duration.Help);
        _firstBytes = _meter.CreateHistogram<double>(Metric.FirstByte.Name, Metric.FirstByte.Unit, Metric.FirstByte.Help);
        Observe(telemetry, Metric.Records, static s => s.Records);
        Observe(telemetry, Metric.Attempts, static s => s.Attempts);
        Observe(telemetry, Metric.WebSearches, static s => s.WebSearches);
        Observe(telemetry, Metric.Cost, static s => (double)s.Dollars);
        Observe(telemetry, Metric.Carbon, static s => (double)s.Grams);
        Observe(telemetry, Metric.Water, static s => (double)s.Litres);
        Counter(Metric.Energy, () => telemetry.Series.All.Select(static s => new Measurement<double>((double)s.Joules, [.. s.Tags, new(Metric.Energy.Attributes[0], Series.MethodName(s.Key.Method))])));
        Counter(Metric.Tokens, () => telemetry.Series.All.SelectMany(static s => Series.TokenTypes.Select((type, i) => new Measurement<double>(s.TokensOf(i), [.. s.Tags, new(Metric.Tokens.Attributes[0], type)]))));
        Counter(Metric.Refusals, () => telemetry.Refusals.Select(static r => new Measurement<double>(r.Count, new(Metric.Refusals.Attributes[0], r.Reason), new(Metric.Refusals.Attributes[1], r.Operation))));
        foreach ((Metric metric, Func<IEnumerable<GaugeReading>> read) in telemetry.Gauges) { Gauge(metric, read); }

        IConfiguration variables = new ConfigurationBuilder().AddInMemoryCollection(environment!).Build();
        ResourceBuilder resource = ResourceBuilder.CreateDefault().AddService("gigawatt", serviceVersion: Hosting.Product.Version);
        if (Sends(environment, "METRICS"))
        {
            _metrics = Sdk.CreateMeterProviderBuilder().ConfigureServices(s => s.AddSingleton(variables)).SetResourceBuilder(resource).AddMeter(RequestSpan.Source)
                .AddView(Metric.TokenUsage.Name, Bounds(HistogramCounts.TokenBounds, 1))
                .AddView(Metric.Duration.Name, Bounds(HistogramCounts.DurationBounds, 1e9))
                .AddView(Metric.FirstByte.Name, Bounds(HistogramCounts.FirstBounds, 1e9))
                .AddOtlpExporter().Build();
            telemetry.Exported = Record;
        }

        if (Sends(environment, "TRACES"))
        {
            _traces = Sdk.CreateTracerProviderBuilder().ConfigureServices(s => s.AddSingleton(variables)).SetResourceBuilder(resource).AddSource(RequestSpan.Source).AddOtlpExporter().Build();
        }
    }

    /// <summary>Starts exporting what the standard variables want: OTEL_EXPORTER_OTLP_ENDPOINT, or that of one signal, names a
    /// collector, and neither OTEL_SDK_DISABLED nor OTEL_TRACES_EXPORTER and OTEL_METRICS_EXPORTER turn it off. Null where nothing is sent.</summary>
    public static OtlpExport? Start(RequestTelemetry telemetry, IReadOnlyDictionary<string, string> environment) =>
        Sends(environment, "METRICS") || Sends(environment, "TRACES") ? new OtlpExport(telemetry, environment) : null;

    private static bool Sends(IReadOnlyDictionary<string, string> environment, string signal) =>
        (environment.ContainsKey("OTEL_EXPORTER_OTLP_ENDPOINT") || environment.ContainsKey($"OTEL_EXPORTER_OTLP_{signal}_ENDPOINT"))
        && !string.Equals(environment.GetValueOrDefault("OTEL_SDK_DISABLED"), "true", StringComparison.OrdinalIgnoreCase)
        && environment.GetValueOrDefault($"OTEL_{signal}_EXPORTER") != "none";

    /// <summary>Sends what is left, and ends.</summary>
    public void Dispose()
    {
        _metrics?.Dispose();
        _traces?.Dispose();
        _meter.Dispose();
    }

    private void Record(Series series, UsageRecord record)
    {
        if (record.Kind == UsageKind.Job) { return; }
        _tokens.Record(record.Tokens.TotalInput, series.InputTags);
        _tokens.Record(record.Tokens.Output, series.OutputTags);
        _durations.Record((record.Ended - record.Started).Seconds, series.Tags);
        if (record.FirstByte is { } first) { _firstBytes.Record((first - record.Started).Seconds, series.Tags); }
    }

    private void Observe(RequestTelemetry telemetry, Metric metric, Func<Series, double> value) =>
        Counter(metric, () => telemetry.Series.All.Select(s => new Measurement<double>(value(s), s.Tags)));

    private void Counter(Metric metric, Func<IEnumerable<Measurement<double>>> read) => _meter.CreateObservableCounter(metric.Name, read, metric.Unit, metric.Help);

    private void Gauge(Metric metric, Func<IEnumerable<GaugeReading>> read)
    {
        IEnumerable<Measurement<double>> Measure() => read().Select(r => new Measurement<double>(
            r.Value, [.. r.Labels.Select((label, i) => new KeyValuePair<string, object?>(metric.Attributes[i], label))]));
        if (metric.Kind == MetricKind.Counter) { _meter.CreateObservableCounter(metric.Name, Measure, metric.Unit, metric.Help); }
        else { _meter.CreateObservableGauge(metric.Name, Measure, metric.Unit, metric.Help); }
    }

    private static ExplicitBucketHistogramConfiguration Bounds(long[] bounds, double unit) => new() { Boundaries = [.. bounds.Select(b => b / unit)] };
}
