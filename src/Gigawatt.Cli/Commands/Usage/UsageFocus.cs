using System.Globalization;
using Gigawatt.Cli.Terminal;
using Gigawatt.Wire.Control;

namespace Gigawatt.Cli.Commands.Usage;

/// <summary>Usage as FOCUS 1.2 has it, the FinOps Open Cost and Usage Specification (https://focus.finops.org/focus-specification/v1-2/).</summary>
/// <remarks>The 21 mandatory columns, of the others those that are known, and behind them our own, whose names begin with <c>x_</c>
/// as the specification asks. A row is a day of a tenant, project, key, model and provider. All four costs are the list price that
/// was charged: discounts and commitments are not known here.</remarks>
internal static class UsageFocus
{
    /// <summary>What the server is asked to group by; <see cref="Write"/> relies on the order.</summary>
    public const string GroupBy = "day,tenant,project,key,model,provider,kind";

    private const string TimeFormat = "yyyy-MM-dd'T'HH:mm:ss'Z'";

    private static readonly (string Name, Func<Charge, string> Value)[] Columns =
    [
        ("BilledCost", static c => Number(c.Totals.Usd)),
        ("BillingAccountId", static c => c.Tenant),
        ("BillingAccountName", static c => c.Tenant),
        ("BillingCurrency", static _ => "USD"),
        ("BillingPeriodEnd", static c => Time(c.Day.AddDays(1 - c.Day.Day).AddMonths(1))),
        ("BillingPeriodStart", static c => Time(c.Day.AddDays(1 - c.Day.Day))),
        ("ChargeCategory", static _ => "Usage"),
        ("ChargeClass", static _ => ""),
        ("ChargeDescription", static c => c.IsJob ? $"Job {c.Model} on {c.Provider}" : $"Model calls to {c.Model} at {c.Provider}"),
        ("ChargeFrequency", static _ => "Usage-Based"),
        ("ChargePeriodEnd", static c => Time(c.Day.AddDays(1))),
        ("ChargePeriodStart", static c => Time(c.Day)),
        ("ConsumedQuantity", static c => c.Quantity),
        ("ConsumedUnit", static c => c.Unit),
        ("ContractedCost", static c => Number(c.Totals.Usd)),
        ("EffectiveCost", static c => Number(c.Totals.Usd)),
        ("InvoiceIssuerName", static _ => "Gigawatt"),
        ("ListCost", static c => Number(c.Totals.Usd)),
        ("PricingCategory", static _ => "Standard"),
        ("PricingCurrency", static _ => "USD"),
        ("PricingQuantity", static c => c.Quantity),
        ("PricingUnit", static c => c.Unit),
        ("ProviderName", static c => c.Provider),
        ("PublisherName", static c => c.Provider),
        ("ResourceId", static c => c.Key),
        ("ResourceType", static c => c.Key.Length == 0 ? "" : "API Key"),
        ("ServiceCategory", static c => c.IsJob ? "Compute" : "AI and Machine Learning"),
        ("ServiceName", static c => c.IsJob ? "Jobs" : "Model calls"),
        ("ServiceSubcategory", static c => c.IsJob ? "Other (Compute)" : "Generative AI"),
        ("SkuId", static c => c.Model),
        ("SubAccountId", static c => c.Project),
        ("SubAccountName", static c => c.Project),
        ("x_Calls", static c => Number(c.Totals.Requests)),
        ("x_EstimatedRecords", static c => Number(c.Totals.Estimated)),
        ("x_InputTokens", static c => Number(c.Totals.InputTokens)),
        ("x_CachedInputTokens", static c => Number(c.Totals.CachedTokens)),
        ("x_CacheWriteTokens", static c => Number(c.Totals.CacheWriteTokens)),
        ("x_OutputTokens", static c => Number(c.Totals.OutputTokens)),
        ("x_ReasoningTokens", static c => Number(c.Totals.ReasoningTokens)),
        ("x_EnergyJoules", static c => Number(c.Totals.Joules)),
        ("x_EnergyMethod", static c => string.Join('+', c.Totals.EnergyMethods)),
        ("x_CarbonGramsCO2e", static c => Number(c.Totals.GramsCO2e)),
        ("x_WaterLitres", static c => Number(c.Totals.Litres)),
    ];

    /// <summary>Writes a report that was grouped by <see cref="GroupBy"/> as CSV.</summary>
    public static void Write(UsageReport report, TextWriter output)
    {
        Csv.Write(output, [.. Columns.Select(static c => c.Name)]);
        foreach (UsageRow row in report.Rows)
        {
            var charge = new Charge(row);
            Csv.Write(output, [.. Columns.Select(c => c.Value(charge))]);
        }
    }

    private static string Number(IFormattable number) => number.ToString(null, CultureInfo.InvariantCulture);

    private static string Time(DateTimeOffset time) => time.ToString(TimeFormat, CultureInfo.InvariantCulture);

    private sealed class Charge(UsageRow row)
    {
        public UsageTotals Totals => row.Totals;

        public DateTimeOffset Day { get; } = DateTimeOffset.ParseExact(row.Group[0], "yyyy-MM-dd", CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal);

        public string Tenant => row.Group[1];

        public string Project => row.Group[2];

        public string Key => row.Group[3];

        public string Model => row.Group[4];

        public string Provider => row.Group[5];

        public bool IsJob => row.Group[6] == "job";

        public string Quantity => IsJob ? Number(HasAccelerators ? Totals.AcceleratorSeconds : Totals.CoreSeconds) : Number(Totals.InputTokens + Totals.OutputTokens);

        public string Unit => !IsJob ? "Tokens" : HasAccelerators ? "Accelerator-Seconds" : "Core-Seconds";

        private bool HasAccelerators => Totals.AcceleratorSeconds > 0;
    }
}
