using System.Globalization;
using System.Net;
using System.Net.Http.Headers;
using System.Text.RegularExpressions;
using Gigawatt.Metering;
using Gigawatt.Models;
using Gigawatt.Server.Control;
using Gigawatt.Server.Identity;
using Gigawatt.Server.Ledger;
using Gigawatt.Server.Telemetry;
using Gigawatt.Tests.Support;
using Gigawatt.Units;
using Gigawatt.Wire;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using static Gigawatt.Tests.Ledger.UsageRecords;

namespace Gigawatt.Tests.Telemetry;

public sealed partial class MetricsTests
{
    [Fact]
    public void The_reference_lists_every_metric_and_attribute_and_no_other()
    {
        string reference = File.ReadAllText(Path.Combine(Repository.Root, "docs/reference/metrics.md"));
        foreach (Metric metric in Metric.All)
        {
            string row = Assert.Single(reference.Split('\n'), line => line.StartsWith($"| `{metric.Name}` | `", StringComparison.Ordinal));
            Assert.Contains($"| `{metric.Prometheus}` | {metric.Kind.ToString().ToLowerInvariant()} | {metric.Unit} |", row);
            Assert.All(metric.Attributes, attribute => Assert.Contains($"`{attribute}`", row));
            Assert.Equal(!metric.IsOfSeries, row.Contains("no series", StringComparison.Ordinal));
        }

        string[] attributes = [.. Metric.SeriesAttributes, .. RequestSpan.Attributes, "error.type"];
        Assert.All(attributes, attribute => Assert.Single(reference.Split('\n'), line => line.StartsWith($"| `{attribute}` |", StringComparison.Ordinal) && !line.StartsWith($"| `{attribute}` | `gigawatt_", StringComparison.Ordinal)));
        string[] known = [.. Metric.All.Select(m => m.Name), .. attributes];
        Assert.Empty(FirstCell().Matches(reference).Select(m => m.Groups[1].Value).Except(known));
    }

    [Fact]
    public void Records_are_summed_exactly_and_histograms_count_them()
    {
        var telemetry = new RequestTelemetry();
        UsageRecord record = Record("1", 1_234_567) with { FirstByte = Day + Duration.FromMilliseconds(30), Tokens = new(100, 20, 3, 50) { CacheWriteHour = 1 } };
        telemetry.Record(record);
        telemetry.Record(record with { Cost = new(1) });
        telemetry.Record(record with { Outcome = "failed", Tenant = "quo\"te" });
        string text = PrometheusText.Write(telemetry);
        const string Ok = "gigawatt_kind=\"request\",gigawatt_tenant=\"acme\",gigawatt_endpoint=\"sim\",gen_ai_operation_name=\"chat\",gen_ai_request_model=\"m\",gen_ai_response_model=\"m\",gigawatt_outcome=\"ok\"";
        Assert.Contains($"gigawatt_cost_dollars_total{{{Ok}}} 1.234568\n", text);
        Assert.Contains($"gigawatt_records_total{{{Ok}}} 2\n", text);
        Assert.Contains($"gigawatt_tokens_total{{{Ok},gen_ai_token_type=\"cache_write_1h\"}} 2\n", text);
        Assert.Contains($"gigawatt_tokens_total{{{Ok},gen_ai_token_type=\"cache_write\"}} 4\n", text);
        Assert.Contains($"gigawatt_energy_joules_total{{{Ok},gigawatt_energy_method=\"modelled\"}} 4\n", text);
        Assert.Contains($"gen_ai_client_token_usage_bucket{{{Ok},gen_ai_token_type=\"input\",le=\"64\"}} 0\n", text);
        Assert.Contains($"gen_ai_client_token_usage_bucket{{{Ok},gen_ai_token_type=\"input\",le=\"256\"}} 2\n", text);
        Assert.Contains($"gen_ai_client_token_usage_sum{{{Ok},gen_ai_token_type=\"output\"}} 100\n", text);
        Assert.Contains($"gen_ai_client_operation_duration_seconds_bucket{{{Ok},le=\"0.64\"}} 0\n", text);
        Assert.Contains($"gen_ai_client_operation_duration_seconds_bucket{{{Ok},le=\"1.28\"}} 2\n", text);
        Assert.Contains($"gen_ai_server_time_to_first_token_seconds_sum{{{Ok}}} 0.06\n", text);
        Assert.Contains("gigawatt_tenant=\"quo\\\"te\"", text);
    }

    [Fact]
    public void Jobs_and_refusals_are_counted_without_names_that_have_no_end()
    {
        var telemetry = new RequestTelemetry();
        for (int i = 0; i < 100; i++) { telemetry.Record(Record($"job-{i}/1/0", model: $"train-{i}") with { Kind = UsageKind.Job, Model = "", Endpoint = $"node-{i}", EnergyMethod = EnergyMethod.RaplAndNvml }); }
        telemetry.Refused(ApiErrorKind.BudgetExceeded, Dialect.Anthropic);
        telemetry.Refused(ApiErrorKind.BudgetExceeded, Dialect.OpenAI);
        string text = PrometheusText.Write(telemetry);
        Assert.Contains("gigawatt_records_total{gigawatt_kind=\"job\",gigawatt_tenant=\"acme\",gigawatt_outcome=\"ok\"} 100\n", text);
        Assert.Contains("gigawatt_energy_joules_total{gigawatt_kind=\"job\",gigawatt_tenant=\"acme\",gigawatt_outcome=\"ok\",gigawatt_energy_method=\"rapl+nvml\"} 200\n", text);
        Assert.Contains("gigawatt_refusals_total{gigawatt_reason=\"budget_exceeded\",gen_ai_operation_name=\"chat\"} 2\n", text);
        Assert.DoesNotContain("train-", text);
        Assert.DoesNotContain("node-", text);
    }

    [Fact]
    public void Names_that_a_client_invents_fill_no_memory_and_take_no_room_from_others()
    {
        var telemetry = new RequestTelemetry();
        for (int i = 0; i < 20_000; i++) { telemetry.Record(Record($"{i}", 1, model: $"claude-{i}")); }
        Assert.InRange(telemetry.Series.Count, SeriesTable.ModelsMost, SeriesTable.ModelsMost + 1);
        telemetry.Record(Record("x", 1, tenant: "another", model: "claude-1"));
        string text = PrometheusText.Write(telemetry);
        Assert.Contains("gen_ai_request_model=\"_other\"", text);
        Assert.Contains("gigawatt_tenant=\"another\",gigawatt_endpoint=\"sim\",gen_ai_operation_name=\"chat\",gen_ai_request_model=\"claude-1\"", text);

        for (int i = 0; i < 2 * SeriesTable.Most; i++) { telemetry.Record(Record($"{i}", 1, tenant: $"t{i}")); }
        Assert.InRange(telemetry.Series.Count, SeriesTable.Most, SeriesTable.Most + 8);
        Assert.Equal((20_001m + 2 * SeriesTable.Most) / 1_000_000, telemetry.Series.All.Sum(s => s.Dollars));
    }

    [Fact]
    public void A_record_of_a_known_series_allocates_nothing()
    {
        var telemetry = new RequestTelemetry();
        UsageRecord record = Record("1");
        telemetry.Record(record);
        long before = GC.GetAllocatedBytesForCurrentThread();
        for (int i = 0; i < 1_000; i++) { telemetry.Record(record); }
        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);
    }

    [Theory]
    [InlineData(false, false, HttpStatusCode.Unauthorized)]
    [InlineData(false, true, HttpStatusCode.OK)]
    [InlineData(true, false, HttpStatusCode.OK)]
    public async Task The_metrics_are_the_operators_unless_the_config_makes_them_public(bool isPublic, bool withToken, HttpStatusCode status)
    {
        string folder = Directory.CreateTempSubdirectory("gw-metrics-").FullName;
        using UsageLedger ledger = UsageLedger.Open(Path.Combine(folder, "ledger.db"));
        using Identities identities = Identities.Open(folder, ledger, TimeProvider.System);
        string key = identities.CreateFirstKey()!.Secret;
        var access = new ControlAccess(ServerSecret.Open(Path.Combine(folder, "identity.secret")), identities, TimeProvider.System);
        WebApplicationBuilder builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        builder.Services.AddSingleton<RequestTelemetry>();
        await using WebApplication app = builder.Build();
        app.MapMetrics(access, isPublic);
        await app.StartAsync(TestContext.Current.CancellationToken);
        using var http = new HttpClient { BaseAddress = new(app.Urls.First()) };
        // A tenant's key is not the operator's token.
        http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", withToken ? access.OperatorToken : key);
        using HttpResponseMessage answer = await http.GetAsync("/metrics", TestContext.Current.CancellationToken);
        Assert.Equal(status, answer.StatusCode);
        string text = await answer.Content.ReadAsStringAsync(TestContext.Current.CancellationToken);
        Assert.Equal(status == HttpStatusCode.OK, text.Contains("# TYPE gigawatt_cost_dollars_total counter", StringComparison.Ordinal));
        Directory.Delete(folder, recursive: true);
    }

    [GeneratedRegex(@"^\| `((?:gen_ai|gigawatt|process|error)\.[a-z0-9_.]+)` \|", RegexOptions.Multiline, matchTimeoutMilliseconds: 10_000)]
    private static partial Regex FirstCell();
}
