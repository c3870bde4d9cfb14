using System.Collections.Concurrent;
using System.Diagnostics;
using System.Text;
using Gigawatt.Metering;
using Gigawatt.Models;
using Gigawatt.Server.Telemetry;
using Gigawatt.Tests.Ledger;
using Gigawatt.Tests.Requests;
using Gigawatt.Tests.Support;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace Gigawatt.Tests.Telemetry;

/// <summary>Alone, because a listener hears the spans of every test.</summary>
[Collection("spans")]
[CollectionDefinition("spans", DisableParallelization = true)]
public sealed class TraceTests
{
    private const string Trace = "0af7651916cd43dd8448eb211c80319c";

    [Fact]
    public async Task A_call_has_a_span_below_the_callers_and_the_provider_one_below_ours()
    {
        var ended = new ConcurrentQueue<Activity>();
        using var listener = new ActivityListener
        {
            ShouldListenTo = static source => source.Name == RequestSpan.Source,
            Sample = static (ref ActivityCreationOptions<ActivityContext> _) => ActivitySamplingResult.AllDataAndRecorded,
            ActivityStopped = ended.Enqueue,
        };
        ActivitySource.AddActivityListener(listener);
        await using ScriptedUpstream upstream = ScriptedUpstream.Start(UpstreamScript.Send(RawHttp.Json(200, """{"id":"msg_1","type":"message","role":"assistant","model":"claude-test","content":[{"type":"text","text":"the secret answer"}],"stop_reason":"end_turn","stop_sequence":null,"usage":{"input_tokens":10,"cache_read_input_tokens":5,"output_tokens":4}}""")));
        await using Gateway gateway = await Gateway.StartAsync(Gateway.Anthropic(upstream.Url));
        using HttpResponseMessage answer = await gateway.PostAsync(
            "/v1/messages", """{"model":"claude-test","max_tokens":20,"messages":[{"role":"user","content":"the secret question"}]}""",
            ("traceparent", $"00-{Trace}-b7ad6b7169203331-01"));
        Assert.True(answer.IsSuccessStatusCode);
        UsageRecord record = Assert.Single(await gateway.RecordsAsync(1));
        await Eventually.IsTrueAsync(() => ended.Any(s => Equals(s.GetTagItem("gigawatt.request.id"), record.Id)), "the span to end");
        Activity span = ended.Single(s => Equals(s.GetTagItem("gigawatt.request.id"), record.Id));
        Assert.Equal(Trace, span.TraceId.ToHexString());
        Assert.Equal("b7ad6b7169203331", span.ParentSpanId.ToHexString());
        Assert.Equal("chat claude-test", span.DisplayName);
        Assert.Equal(15L, span.GetTagItem("gen_ai.usage.input_tokens"));
        Assert.Equal(record.Cost.Dollars, span.GetTagItem("gigawatt.usage.cost"));
        Assert.Equal($"00-{Trace}-{span.SpanId.ToHexString()}-01", Assert.Single(upstream.Requests).Header("traceparent"));
        string all = string.Join('\n', span.TagObjects.Select(t => $"{t.Key}={t.Value}")) + PrometheusText.Write(gateway.Telemetry);
        Assert.DoesNotContain("secret", all, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_call_that_is_not_sampled_passes_its_trace_on_and_gets_no_attributes()
    {
        var ended = new ConcurrentQueue<Activity>();
        using var listener = new ActivityListener
        {
            ShouldListenTo = static source => source.Name == RequestSpan.Source,
            Sample = static (ref ActivityCreationOptions<ActivityContext> _) => ActivitySamplingResult.PropagationData,
            ActivityStopped = ended.Enqueue,
        };
        ActivitySource.AddActivityListener(listener);
        await using ScriptedUpstream upstream = ScriptedUpstream.Start(UpstreamScript.Send(RawHttp.Json(200, Requests.Samples.MessagesAnswer)));
        await using Gateway gateway = await Gateway.StartAsync(Gateway.Anthropic(upstream.Url));
        using HttpResponseMessage answer = await gateway.PostAsync("/v1/messages", Requests.Samples.MessagesBody, ("traceparent", $"00-{Trace}-b7ad6b7169203331-00"));
        Assert.True(answer.IsSuccessStatusCode);
        Assert.Matches($"^00-{Trace}-[0-9a-f]{{16}}-00$", Assert.Single(upstream.Requests).Header("traceparent"));
        await Eventually.IsTrueAsync(() => ended.Any(s => s.TraceId.ToHexString() == Trace), "the span to end");
        Assert.All(ended.Where(s => s.TraceId.ToHexString() == Trace), s => Assert.Empty(s.TagObjects));
    }

    [Fact]
    public void A_copy_for_a_shadow_leaves_the_span_of_its_request_alone()
    {
        using var listener = new ActivityListener
        {
            ShouldListenTo = static source => source.Name == RequestSpan.Source,
            Sample = static (ref ActivityCreationOptions<ActivityContext> _) => ActivitySamplingResult.AllDataAndRecorded,
        };
        ActivitySource.AddActivityListener(listener);
        using Activity? span = RequestSpan.Begin(new HeaderDictionary(), Dialect.Anthropic);
        RequestSpan.End(UsageRecords.Record("req_1"));
        RequestSpan.End(UsageRecords.Record("req_1/shadow", 999, outcome: "failed"));
        Assert.Equal("req_1", span!.GetTagItem("gigawatt.request.id"));
        Assert.Null(span.GetTagItem("error.type"));
    }

    [Fact]
    public void Nothing_is_exported_unless_it_is_asked_for()
    {
        OtlpExport? Start(params (string, string)[] environment) => OtlpExport.Start(new RequestTelemetry(), environment.ToDictionary(e => e.Item1, e => e.Item2));
        (string, string) endpoint = ("OTEL_EXPORTER_OTLP_ENDPOINT", "http://127.0.0.1:9");
        Assert.Null(Start());
        Assert.Null(Start(endpoint, ("OTEL_SDK_DISABLED", "true")));
        Assert.Null(Start(endpoint, ("OTEL_TRACES_EXPORTER", "none"), ("OTEL_METRICS_EXPORTER", "none")));
        Assert.Null(Start(("OTEL_EXPORTER_OTLP_METRICS_ENDPOINT", "http://127.0.0.1:9"), ("OTEL_METRICS_EXPORTER", "none")));
    }

    [Fact]
    public async Task Metrics_and_spans_go_to_the_collector_that_the_environment_names()
    {
        var bodies = new ConcurrentDictionary<string, string>();
        WebApplicationBuilder builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        await using WebApplication collector = builder.Build();
        collector.MapPost("/v1/{signal}", async (HttpContext http, string signal) =>
        {
            using var reader = new StreamReader(http.Request.Body, Encoding.Latin1);
            string body = await reader.ReadToEndAsync();
            bodies.AddOrUpdate(signal, body, (_, before) => before + body);
        });
        await collector.StartAsync(TestContext.Current.CancellationToken);
        var telemetry = new RequestTelemetry();
        telemetry.AddGauge(Metric.Reservations, static () => [new(3)]);
        Assert.Null(OtlpExport.Start(telemetry, new Dictionary<string, string>()));
        using (OtlpExport? export = OtlpExport.Start(telemetry, new Dictionary<string, string>
        {
            ["OTEL_EXPORTER_OTLP_ENDPOINT"] = collector.Urls.First(),
            ["OTEL_EXPORTER_OTLP_PROTOCOL"] = "http/protobuf",
        }))
        {
            Assert.NotNull(export);
            using Activity? span = RequestSpan.Begin(new HeaderDictionary(), Dialect.Anthropic);
            telemetry.Record(UsageRecords.Record("req_of_the_span") with { FirstByte = UsageRecords.Day });
        }

        Assert.All(Metric.All.Where(m => m.IsOfSeries || m == Metric.Reservations), m => Assert.Contains(m.Name, bodies["metrics"], StringComparison.Ordinal));
        Assert.Contains("req_of_the_span", bodies["traces"], StringComparison.Ordinal);
        Assert.Contains("gen_ai.usage.input_tokens", bodies["traces"], StringComparison.Ordinal);
    }
}
