using System.Buffers;
using Gigawatt.Admission;
using Gigawatt.Metering;
using Gigawatt.Models;
using Gigawatt.Providers;
using Gigawatt.Units;
using Gigawatt.Wire;
using Microsoft.AspNetCore.Http;

namespace Gigawatt.Server.Requests;

/// <summary>One request on its way along the data path: each stage fills in what it found out.</summary>
internal sealed class ModelCall(HttpContext http, Dialect dialect, RequestPathState state, Instant started) : IDisposable
{
    private byte[]? _buffer;
    private int _length;

    /// <summary>The client's side.</summary>
    public HttpContext Http { get; } = http;

    /// <summary>The format both sides speak.</summary>
    public Dialect Dialect { get; } = dialect;

    /// <summary>The configuration that was in force when it came.</summary>
    public RequestPathState State { get; } = state;

    /// <summary>What was done before it came to the path; null where that is nothing.</summary>
    public PreparedCall? Prepared { get; init; }

    /// <summary>When it came.</summary>
    public Instant Started { get; } = started;

    /// <summary>Also the id of its usage record.</summary>
    public string Id { get; } = NewId();

    /// <summary>Who sent it; set by admission.</summary>
    public Caller Caller { get; set; } = null!;

    /// <summary>What admission needs of the body.</summary>
    public RequestFacts Facts { get; private set; }

    /// <summary>Prices and energy of its model; set by admission.</summary>
    public ModelFacts Model { get; set; } = null!;

    /// <summary>The most tokens it can use; set by admission.</summary>
    public TokenUsage Bound { get; set; }

    /// <summary>What it holds in its caller's budgets, from admission until it is dispatched; given back if that never happens.</summary>
    public RequestHold? Hold { get; set; }

    /// <summary>Where it goes; set by placement.</summary>
    public ModelEndpoint Endpoint { get; set; } = null!;

    /// <summary>Why it goes there; set by placement.</summary>
    public string Reason { get; set; } = "";

    /// <summary>The client's bytes.</summary>
    public ReadOnlyMemory<byte> Body => Prepared?.Body ?? _buffer.AsMemory(0, _length);

    /// <summary>Whether a provider's connection may be reading <see cref="Body"/>: from the call's start until its answer ended.</summary>
    public bool BodyInUse { get; set; }

    /// <summary>A new request id.</summary>
    public static string NewId() => RequestId.Next();

    /// <summary>Reads body and headers, and refuses what is malformed.</summary>
    public async ValueTask<ApiError?> ReadAsync()
    {
        ApiError? error = null;
        if (Prepared?.Body is null) { (_buffer, _length, error) = await RequestBody.ReadAsync(Http, State.MaxBodyBytes, Http.RequestAborted); }
        if (error is not null) { return error; }
        string? version = null;
        if (Dialect.IsAnthropic())
        {
            version = Http.Request.Headers["anthropic-version"];
            if (version is null || !AnthropicVersion.IsKnown(version))
            {
                return new(ApiErrorKind.InvalidRequest, $"anthropic-version: expected one of {AnthropicVersion.KnownList}; {(version is null ? "it is missing" : "this one is not known")}.");
            }
        }

        bool sound = RequestReader.TryRead(Body.Span, Dialect, version, out RequestFacts facts, out error);
        Facts = Prepared is { ContextTokens: > 0 } ? facts with { InputTokenBound = facts.InputTokenBound + Prepared.ContextTokens } : facts;
        return sound ? null : error;
    }

    /// <summary>As it goes out to the provider.</summary>
    public ProviderCall ToProvider()
    {
        IHeaderDictionary headers = Http.Request.Headers;
        string? connection = headers.Connection;
        var forwarded = new List<KeyValuePair<string, string>>(headers.Count);
        foreach ((string name, Microsoft.Extensions.Primitives.StringValues values) in headers)
        {
            if (!ForwardableHeaders.MayForward(name, connection)) { continue; }
            foreach (string? value in values) { forwarded.Add(new(name, value ?? "")); }
        }

        return new(Dialect, Facts.Model, Facts.Stream, Body, forwarded, Http.Request.QueryString.Value ?? "");
    }

    /// <summary>Its usage record, with these tokens and this end.</summary>
    public UsageRecord ToRecord(TokenUsage tokens, RequestImpact impact, Instant ended, string outcome, bool estimated) => new()
    {
        Id = Id,
        Kind = UsageKind.Request,
        Tenant = Caller.Tenant.Id,
        Key = Caller.Key.Id,
        Subject = Facts.Model,
        Model = Facts.Model,
        Format = Dialect.Name(),
        Decision = Reason,
        Attempts = 1,
        Endpoint = Endpoint.Provider.Name,
        Started = Started,
        Ended = ended,
        Tokens = tokens,
        Cost = impact.Cost,
        Energy = impact.Energy,
        EnergyMethod = EnergyMethod.Modelled,
        Carbon = impact.Carbon,
        Water = impact.Water,
        Outcome = outcome,
        TokensEstimated = estimated,
    };

    /// <summary>Gives back what it holds in budgets, and the body's memory, unless a call to a provider broke off: its connection
    /// may still be sending from it.</summary>
    public void Dispose()
    {
        Hold?.Settle(Usd.Zero);
        Hold = null;
        if (_buffer is not null && !BodyInUse) { ArrayPool<byte>.Shared.Return(_buffer); }
        _buffer = null;
    }
}
