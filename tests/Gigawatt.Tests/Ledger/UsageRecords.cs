using CsCheck;
using Gigawatt.Metering;
using Gigawatt.Models;
using Gigawatt.Units;

namespace Gigawatt.Tests.Ledger;

/// <summary>Usage records for tests.</summary>
internal static class UsageRecords
{
    public static readonly Instant Day = Instant.From(new DateTimeOffset(2026, 11, 23, 0, 0, 0, TimeSpan.Zero));

    public static UsageRecord Record(string id, long costMicros = 10, string outcome = "ok", string tenant = "acme", string model = "m", Instant? started = null, string project = "") => new()
    {
        Id = id,
        Kind = UsageKind.Request,
        Tenant = tenant,
        Key = "key_1",
        Project = project,
        Subject = model,
        Model = model,
        Format = "anthropic",
        Attempts = 1,
        Endpoint = "sim",
        Started = started ?? Day,
        Ended = (started ?? Day) + Duration.FromSeconds(1),
        Tokens = new(100, 20, 3, 50),
        Cost = new(costMicros),
        Energy = new(2_000),
        EnergyMethod = EnergyMethod.Modelled,
        Carbon = new(30),
        Water = new(4),
        Outcome = outcome,
    };

    public static readonly Gen<UsageRecord> Any =
        from texts in Gen.String[Gen.Char.AlphaNumeric, 0, 20].Array[10]
        from numbers in Gen.Long[0, long.MaxValue].Array[16]
        from kinds in Gen.Select(Gen.Enum<UsageKind>(), Gen.Enum<EnergyMethod>(), Gen.Bool)
        select new UsageRecord
        {
            Id = texts[0],
            Kind = kinds.Item1,
            Tenant = texts[1] + "é✓",
            Key = texts[2],
            Subject = texts[3],
            Endpoint = texts[4],
            Started = new(numbers[0]),
            Ended = new(numbers[1]),
            Project = texts[6],
            Model = texts[7],
            Format = texts[8],
            Decision = texts[9],
            Attempts = (int)(numbers[12] >> 40),
            FirstByte = kinds.Item3 ? null : new(numbers[12]),
            Tokens = new(numbers[2] >> 4, numbers[3] >> 4, numbers[4] >> 4, numbers[5] >> 4)
            {
                CacheWriteHour = numbers[13] >> 4,
                Reasoning = numbers[14] >> 4,
                WebSearches = numbers[15] >> 4,
            },
            AcceleratorMilliseconds = numbers[6],
            CoreMilliseconds = numbers[7],
            Cost = new(numbers[8]),
            Energy = new(numbers[9]),
            EnergyMethod = kinds.Item2,
            Carbon = new(numbers[10]),
            Water = new(numbers[11]),
            Outcome = texts[5],
            TokensEstimated = kinds.Item3,
        };
}
