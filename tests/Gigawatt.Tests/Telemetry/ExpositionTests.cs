using System.Globalization;
using System.Text.RegularExpressions;
using Gigawatt.Models;
using Gigawatt.Server.Telemetry;
using Gigawatt.Tests.Ledger;
using Gigawatt.Wire;

namespace Gigawatt.Tests.Telemetry;

/// <summary>The text of <c>/metrics</c>, held to Prometheus' exposition format, version 0.0.4 (https://prometheus.io/docs/instrumenting/exposition_formats/).</summary>
public sealed partial class ExpositionTests
{
    [Fact]
    public void The_text_is_valid_whatever_names_are_in_it()
    {
        var telemetry = new RequestTelemetry();
        telemetry.AddGauge(Metric.Reservations, static () => [new(3)]);
        foreach (string name in (string[])["plain", "quo\"te", "back\\slash", "new\nline", "é✓", "{a=\"b\"}", " "])
        {
            telemetry.Record(UsageRecords.Record(name, 7, tenant: name, model: name, project: name) with { FirstByte = UsageRecords.Day });
        }

        telemetry.Refused(ApiErrorKind.RateLimit, Dialect.OpenAI);
        string text = PrometheusText.Write(telemetry);
        Assert.EndsWith("\n", text, StringComparison.Ordinal);
        Dictionary<string, string> types = [];
        HashSet<string> seen = [];
        string family = "";
        Dictionary<string, double> last = [];
        foreach (string line in text.Split('\n', StringSplitOptions.RemoveEmptyEntries))
        {
            if (line.StartsWith("# TYPE ", StringComparison.Ordinal))
            {
                string[] words = line.Split(' ');
                Assert.Contains(words[3], (string[])["counter", "gauge", "histogram"]);
                Assert.True(types.TryAdd(words[2], words[3]), $"{words[2]} has two types");
                family = words[2];
                continue;
            }

            if (line.StartsWith('#')) { continue; }
            Match match = Sample().Match(line);
            Assert.True(match.Success, line);
            string name = match.Groups["name"].Value, labels = match.Groups["labels"].Value;
            double value = double.Parse(match.Groups["value"].Value.Replace("+Inf", "Infinity", StringComparison.Ordinal), CultureInfo.InvariantCulture);
            // All of a family stands together, behind its type.
            Assert.True(name == family || (types[family] == "histogram" && name[family.Length..] is "_bucket" or "_sum" or "_count"), line);
            Assert.True(seen.Add($"{name}{{{labels}}}"), $"twice: {line}");
            string[] names = [.. Label().Matches(labels).Select(m => m.Groups[1].Value)];
            Assert.Equal(names.Length, names.Distinct().Count());
            if (name.EndsWith("_bucket", StringComparison.Ordinal))
            {
                // Buckets are cumulative, and the last of them counts everything.
                string series = family + Bound().Replace(labels, "");
                Assert.True(value >= last.GetValueOrDefault(series), line);
                last[series] = value;
            }
            else if (name.EndsWith("_count", StringComparison.Ordinal) && types[family] == "histogram") { Assert.Equal(last[family + labels], value); }
        }

        Assert.NotEmpty(last);
    }

    [GeneratedRegex("^(?<name>[a-zA-Z_:][a-zA-Z0-9_:]*)(\\{(?<labels>([a-zA-Z_][a-zA-Z0-9_]*=\"(\\\\[\\\\\"n]|[^\\\\\"\\n])*\",?)*)\\})? (?<value>[-+]?([0-9.]+([eE][-+]?[0-9]+)?|Inf|NaN))$", RegexOptions.None, matchTimeoutMilliseconds: 10_000)]
    private static partial Regex Sample();

    [GeneratedRegex("([a-zA-Z_][a-zA-Z0-9_]*)=\"(?:\\\\.|[^\\\\\"])*\"", RegexOptions.None, matchTimeoutMilliseconds: 10_000)]
    private static partial Regex Label();

    [GeneratedRegex(",?le=\"[^\"]*\"", RegexOptions.None, matchTimeoutMilliseconds: 10_000)]
    private static partial Regex Bound();
}
