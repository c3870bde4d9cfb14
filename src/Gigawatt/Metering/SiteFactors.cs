using Gigawatt.Units;

namespace Gigawatt.Metering;

/// <summary>What a site makes of a joule of IT energy: facility energy, emissions and water. Each figure names its source.</summary>
public sealed record SiteFactors
{
    /// <summary>Power usage effectiveness in thousandths: facility energy over IT energy; 1,000 or more.</summary>
    public required int PueThousandths { get; init; }

    /// <summary>Grid emissions, location-based average, in grams of CO2 equivalent for each MWh.</summary>
    public required long GridGramsPerMegawattHour { get; init; }

    /// <summary>Water consumed on site in millilitres for each MWh of IT energy (WUE in l/kWh times a million).</summary>
    public required long SiteMillilitresPerMegawattHour { get; init; }

    /// <summary>Water consumed in generation in millilitres for each MWh of facility energy (EWIF in l/kWh times a million).</summary>
    public required long GridMillilitresPerMegawattHour { get; init; }

    /// <summary>Where the figures come from, with their year.</summary>
    public required string Source { get; init; }

    private const long MillijoulesPerMegawattHour = 3_600_000_000_000;

    /// <summary>Energy at the facility meter: IT energy times PUE, rounded up.</summary>
    public Joules Facility(Joules it) =>
        new(checked((long)(((Int128)it.Millijoules * PueThousandths + 999) / 1000)));

    /// <summary>Location-based emissions of facility energy.</summary>
    public GramsCO2e Carbon(Joules facility) =>
        new(checked((long)((Int128)facility.Millijoules * GridGramsPerMegawattHour * 1_000_000 / MillijoulesPerMegawattHour)));

    /// <summary>Water consumed on site and in generation: <c>E_IT·WUE + E_facility·EWIF</c>.</summary>
    /// <remarks>EcoLogits multiplies the already PUE-scaled energy by (WUE + PUE·EWIF), a factor PUE too high; this does not.</remarks>
    public Litres Water(Joules it, Joules facility) =>
        new(checked((long)(((Int128)it.Millijoules * SiteMillilitresPerMegawattHour
            + (Int128)facility.Millijoules * GridMillilitresPerMegawattHour) * 1_000 / MillijoulesPerMegawattHour)));
}
