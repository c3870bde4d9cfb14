using System.Buffers;
using Gigawatt.Admission;
using Gigawatt.Metering;
using Gigawatt.Models;
using Gigawatt.Placement.Routing;
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

    /// <summary>The client's format.</summary>
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

    /// <summary>Where requests for its model go; null until somebody is found who serves it.</summary>
    public Route? FoundRoute { get; private set; }

    /// <summary>As <see cref="FoundRoute"/>, behind placement.</summary>
    public Route Route => FoundRoute!;

    /// <summary>The most tokens it can use, count by count at any of the targets; set by admission.</summary>
    public TokenUsage Bound { get; private set; }

    /// <summary>The most it can cost, in each unit at any of the targets; set by admission.</summary>
    public RequestImpact Most { get; private set; }

    /// <summary>What it holds in its caller's budgets, from admission until it is dispatched; given back if that never happens.</summary>
    public RequestHold? Hold { get; set; }

    /// <summary>The gate it went through, which it leaves when it ends; null before it did.</summary>
    public AdmissionGate? Gate { get; set; }

    /// <summary>Whether it got its answer within admission, from those that its route keeps.</summary>
    public bool Answered { get; set; }

    /// <summary>The targets to try, in this order; set by placement.</summary>
    public RoutePlan Plan { get; private set; }

    /// <summary>The target that is tried now, or that answers.</summary>
    public RouteTarget Target { get; private set; } = null!;

    /// <summary>Who answers at the target.</summary>
    public ModelEndpoint Endpoint => State.Endpoints[Target.EndpointIndex];

    /// <summary>Why it goes there.</summary>
    public string Reason { get; private set; } = "";

    /// <summary>How often a provider was called for it.</summary>
    public int Attempts { get; set; }

    /// <summary>When the first byte of the answer went out, or null.</summary>
    public Instant? FirstByte { get; set; }

    /// <summary>Any number, one for each request: equal numbers give equal decisions.</summary>
    public ulong Random { get; } = unchecked((ulong)System.Random.Shared.NextInt64(long.MinValue, long.MaxValue));

    /// <summary>When nobody waits for its first byte any more: the route's deadline, or the time that the client says it waits.</summary>
    public Instant GiveUpAt { get; private set; } = Instant.Never;

    /// <summary>Whether the client asks for what its call cost within the answer.</summary>
    public bool WantsUsage => Http.Request.Headers.ContainsKey(UsageMember.Header);

    /// <summary>The client's bytes.</summary>
    public ReadOnlyMemory<byte> Body => Prepared?.Body ?? _buffer.AsMemory(0, _length);

    /// <summary>Whether a provider's connection may be reading <see cref="Body"/>: from the call's start until its answer ended.</summary>
    public bool BodyInUse { get; set; }

    /// <summary>A new request id.</summary>
    public static string NewId() => RequestId.Next();

    /// <summary>The version of Anthropic's API that a request names; an error where it names none that is known.</summary>
    public static ApiError? CheckVersion(HttpRequest request, out string? version)
    {
        version = request.Headers["anthropic-version"];
        return version is not null && AnthropicVersion.IsKnown(version)
            ? null
            : new(ApiErrorKind.InvalidRequest, $"anthropic-version: expected one of {AnthropicVersion.KnownList}; {(version is null ? "it is missing" : "this one is not known")}.");
    }

    /// <summary>Reads body and headers, and refuses what is malformed.</summary>
    public async ValueTask<ApiError?> ReadAsync()
    {
        ApiError? error = null;
        if (Prepared?.Body is null) { (_buffer, _length, error) = await RequestBody.ReadAsync(Http, State.MaxBodyBytes, Http.RequestAborted); }
        if (error is not null) { return error; }
        string? version = null;
        if (Dialect.IsAnthropic() && CheckVersion(Http.Request, out version) is { } wrong) { return wrong; }
        bool sound = RequestReader.TryRead(Body.Span, Dialect, version, out RequestFacts facts, out error);
        Facts = facts.WebSearchesOpen ? facts with { WebSearches = facts.WebSearches + State.WebSearches } : facts;
        return sound ? null : error;
    }

    /// <summary>Looks up where requests for its model go, and bounds what it can cost there.</summary>
    public void FindRoute()
    {
        FoundRoute = State.Routes.Find(Facts.Model);
        if (FoundRoute is null)
        {
            ModelFacts model = State.Catalog.Find(Facts.Model);
            Bound = RequestMeter.Bound(model, Facts.InputTokenBound, Facts.MaxOutputTokens ?? (long)model.MaxOutputTokens * Facts.Choices, Facts.WebSearches, Facts.HourWrites);
            Most = RequestMeter.MeasureBound(model, Bound, State.Site);
        }
        else { (Bound, Most) = FoundRoute.Bound(Facts.InputTokenBound, Facts.MaxOutputTokens, Facts.Choices, Facts.WebSearches, Facts.HourWrites); }

        // Counting is free.
        if (Dialect == Dialect.CountTokens) { (Bound, Most) = (default, default); }
        Duration? patience = RetrySignals.ClientTimeout(Http.Request.Headers["x-stainless-timeout"]);
        if (patience is { } client) { GiveUpAt = Started + client; }
        if (FoundRoute?.Deadline is { } deadline && Started + deadline < GiveUpAt) { GiveUpAt = Started + deadline; }
    }

    /// <summary>Decides where it goes.</summary>
    public RoutingRefusal PlanRoute(Instant now)
    {
        if (FoundRoute is null) { return RoutingRefusal.UnknownModel; }
        RoutingRefusal refusal = RoutePlanner.Plan(FoundRoute, Query(now), out RoutePlan plan);
        if (refusal != RoutingRefusal.None) { return refusal; }
        (Plan, Reason) = (plan, FoundRoute.Explain(plan));
        Target = FoundRoute.Targets[plan[0]];
        return RoutingRefusal.None;
    }

    /// <summary>Goes on to another target, because of what those before it did.</summary>
    public void MoveTo(RouteTarget target, string why)
    {
        Target = target;
        Reason = $"{FoundRoute!.Explain(Plan)}; {why}";
    }

    private RouteQuery Query(Instant now)
    {
        string? region = Http.Request.Headers["x-gigawatt-region"];
        return new(Dialect, Caller.Tenant.Id, Random, now)
        {
            BodyBytes = Body.Length,
            InputTokenBound = Facts.InputTokenBound,
            OutputTokenBound = Facts.MaxOutputTokens,
            Choices = Facts.Choices,
            PrefixHash = FoundRoute!.Strategy == RouteStrategy.PrefixAffinity ? PromptPrefix.Hash(Body.Span, FoundRoute.AffinityBytes) : 0,
            Region = string.IsNullOrEmpty(region) ? null : region,
            Residency = State.ResidencyOf(Caller.Tenant.Id),
        };
    }

    /// <summary>Its usage record, with these tokens and this end.</summary>
    public UsageRecord ToRecord(TokenUsage tokens, RequestImpact impact, Instant ended, string outcome, bool estimated) => new()
    {
        Id = Id,
        Kind = UsageKind.Request,
        Tenant = Caller.Tenant.Id,
        Project = Caller.Key.ProjectId,
        Key = Caller.Key.Id,
        Subject = Facts.Model,
        Model = Target.ModelFor(Facts.Model),
        Format = Dialect.Name(),
        Decision = Reason,
        Attempts = Attempts,
        FirstByte = FirstByte,
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
        Hold?.Release();
        Hold = null;
        Gate?.Leave();
        Gate = null;
        if (_buffer is not null && !BodyInUse) { ArrayPool<byte>.Shared.Return(_buffer); }
        _buffer = null;
    }
}
