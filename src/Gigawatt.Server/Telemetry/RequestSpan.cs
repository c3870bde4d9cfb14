using System.Diagnostics;
using Gigawatt.Metering;
using Gigawatt.Models;
using Gigawatt.Server.Requests;
using Gigawatt.Wire;
using Microsoft.AspNetCore.Http;

namespace Gigawatt.Server.Telemetry;

/// <summary>The span of a model call, by the GenAI conventions. There is none unless somebody listens.</summary>
internal static class RequestSpan
{
    /// <summary>The name of our spans' and metrics' source.</summary>
    public const string Source = "Gigawatt";

    /// <summary>The attributes that a span can have beside those of its series and <c>error.type</c>.</summary>
    public static readonly string[] Attributes =
    [
        "gen_ai.usage.input_tokens", "gen_ai.usage.output_tokens", "gen_ai.usage.cache_read.input_tokens",
        "gen_ai.usage.cache_creation.input_tokens", "gen_ai.usage.reasoning.output_tokens", "gigawatt.request.id", "gigawatt.key.id",
        "gigawatt.decision", "gigawatt.attempts", "gigawatt.usage.cost", "gigawatt.usage.energy", "gigawatt.usage.energy.method",
        "gigawatt.usage.carbon", "gigawatt.usage.water", "gigawatt.usage.estimated", "gigawatt.time_to_first_byte",
    ];

    private static readonly ActivitySource Spans = new(Source);

    /// <summary>Begins the span, below the caller's where the request says so.</summary>
    public static Activity? Begin(IHeaderDictionary headers, Dialect dialect)
    {
        if (!Spans.HasListeners()) { return null; }
        ActivityContext.TryParse(headers.TraceParent, headers.TraceState, isRemote: true, out ActivityContext parent);
        Activity? span = Spans.StartActivity(SeriesKey.Operation(dialect.Name()), ActivityKind.Server, parent);
        if (span is { IsAllDataRequested: true }) { span.SetTag("gen_ai.operation.name", SeriesKey.Operation(dialect.Name())); }
        return span;
    }

    /// <summary>What a call to a provider says of its trace: this server's span, else what the client said.</summary>
    public static string? TraceParent => Current?.Id;

    /// <summary>Puts what a call was and used into its span.</summary>
    public static void End(UsageRecord record)
    {
        // A copy for a shadow runs on in the flow of its request, whose span tells of the request only.
        if (Current is not { IsAllDataRequested: true } span || record.Kind != UsageKind.Request || record.Id.EndsWith(Shadows.IdSuffix, StringComparison.Ordinal)) { return; }
        span.DisplayName = $"{SeriesKey.Operation(record.Format)} {record.Subject}";
        string[] values = SeriesKey.Of(record).Values();
        for (int i = 0; i < values.Length; i++)
        {
            if (values[i].Length > 0) { span.SetTag(Metric.SeriesAttributes[i], values[i]); }
        }

        object?[] more =
        [
            record.Tokens.TotalInput, record.Tokens.Output, record.Tokens.CacheRead, record.Tokens.CacheWrite, record.Tokens.Reasoning,
            record.Id, record.Key, record.Decision, record.Attempts, record.Cost.Dollars, record.Energy.InJoules,
            Series.MethodName(record.EnergyMethod), record.Carbon.Grams, record.Water.InLitres, record.TokensEstimated,
            (record.FirstByte - record.Started)?.Seconds,
        ];
        for (int i = 0; i < more.Length; i++) { span.SetTag(Attributes[i], more[i]); }
        if (record.Outcome != "ok") { Fail(span, record.Outcome); }
    }

    /// <summary>Notes that the call was answered with an error of this server.</summary>
    public static void Refuse(ApiErrorKind reason)
    {
        if (Current is { IsAllDataRequested: true } span) { Fail(span, RequestTelemetry.Words(reason)); }
    }

    private static Activity? Current => Activity.Current is { } span && ReferenceEquals(span.Source, Spans) ? span : null;

    private static void Fail(Activity span, string type)
    {
        span.SetTag("error.type", type);
        span.SetStatus(ActivityStatusCode.Error);
    }
}
