using Gigawatt.Models;
using Gigawatt.Units;

namespace Gigawatt.Metering;

/// <summary>What kind of work a usage record accounts for.</summary>
public enum UsageKind
{
    /// <summary>One model call.</summary>
    Request,

    /// <summary>One attempt of one task of a job.</summary>
    Job,
}

/// <summary>One line of the ledger: who used what, where, and what it cost in dollars, joules, grams and litres.</summary>
/// <remarks>Records are written once and never changed. <see cref="Id"/> makes writing idempotent: a replayed record is the same line.
/// A value, so that the journal, which holds some tens of thousands a second until they are in the ledger, makes no garbage of them.</remarks>
public readonly record struct UsageRecord
{
    /// <summary>A record of which nothing is known yet.</summary>
    public UsageRecord()
    {
    }

    /// <summary>Unique for the work: the request id, or <c>job-ID/ATTEMPT/RANK</c>.</summary>
    public required string Id { get; init; }

    /// <summary>Request or job.</summary>
    public required UsageKind Kind { get; init; }

    /// <summary>The tenant that pays.</summary>
    public required string Tenant { get; init; }

    /// <summary>The API key's public id, or empty for the local operator.</summary>
    public string Key { get; init; } = "";

    /// <summary>The project within the tenant, or empty where the key belongs to none.</summary>
    public string Project { get; init; } = "";

    /// <summary>Model name as asked for, or the job's name.</summary>
    public required string Subject { get; init; }

    /// <summary>Provider endpoint or node that did the work.</summary>
    public required string Endpoint { get; init; }

    /// <summary>The model that answered, as its provider calls it; empty for a job. It is the one that is charged.</summary>
    public string Model { get; init; } = "";

    /// <summary>The wire format of the request, as <see cref="Dialects.Name"/> has it; empty for a job.</summary>
    public string Format { get; init; } = "";

    /// <summary>How it was routed and why, a phrase such as <c>lowest cost of 3</c>; empty for a job.</summary>
    public string Decision { get; init; } = "";

    /// <summary>How often a provider was called for it, the retries and failovers included; 0 for a job.</summary>
    public int Attempts { get; init; }

    /// <summary>When the first byte of the answer went out; null where none did, and for a job.</summary>
    public Instant? FirstByte { get; init; }

    /// <summary>When the work was admitted.</summary>
    public required Instant Started { get; init; }

    /// <summary>When it ended.</summary>
    public required Instant Ended { get; init; }

    /// <summary>Tokens; all zero for a job.</summary>
    public TokenUsage Tokens { get; init; }

    /// <summary>Accelerator time in milliseconds: accelerators held times the time they were held.</summary>
    public long AcceleratorMilliseconds { get; init; }

    /// <summary>CPU time reserved in core-milliseconds.</summary>
    public long CoreMilliseconds { get; init; }

    /// <summary>Dollars.</summary>
    public required Usd Cost { get; init; }

    /// <summary>Energy at the facility meter: IT energy times PUE.</summary>
    public required Joules Energy { get; init; }

    /// <summary>Whether <see cref="Energy"/> was measured or modelled.</summary>
    public required EnergyMethod EnergyMethod { get; init; }

    /// <summary>Location-based emissions of <see cref="Energy"/>.</summary>
    public required GramsCO2e Carbon { get; init; }

    /// <summary>Water consumed on site and in generating the electricity.</summary>
    public required Litres Water { get; init; }

    /// <summary>How the work ended: <c>ok</c>, <c>aborted</c>, <c>failed</c>, <c>cached</c> when an
    /// equal request's answer was given again at no cost, or <c>recovered</c> when a crash left only the reservation and the
    /// record was settled at its bound.</summary>
    public required string Outcome { get; init; }

    /// <summary>True when the token counts were estimated because the provider sent no usage.</summary>
    public bool TokensEstimated { get; init; }
}
