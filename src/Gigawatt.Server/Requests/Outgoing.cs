using System.Diagnostics.CodeAnalysis;
using Gigawatt.Models;
using Gigawatt.Placement.Routing;
using Gigawatt.Providers;
using Gigawatt.Server.Telemetry;
using Gigawatt.Wire;
using Gigawatt.Wire.Translation;
using Microsoft.AspNetCore.Http;

namespace Gigawatt.Server.Requests;

/// <summary>A request as it goes out to one target: the client's bytes, with single values spliced where the target needs it, or translated.</summary>
internal sealed class Outgoing
{
    // Of a usual client, most headers end here: what they say of the connection, the length, the key.
    private const int HeadersExpected = 4;

    private Outgoing(ProviderCall call) => Call = call;

    /// <summary>What is sent.</summary>
    public ProviderCall Call { get; }

    /// <summary>Whether the stream was asked for usage that the client did not ask for.</summary>
    public bool UsageAdded { get; private init; }

    /// <summary>What the target's format has no place for.</summary>
    public IReadOnlyList<string> NotCarried { get; private init; } = [];

    /// <summary>Writes the request for a target.</summary>
    /// <returns>False when it cannot be told in the target's format.</returns>
    public static bool TryWrite(ModelCall call, RouteTarget target, Dialect format, IModelProvider provider, [NotNullWhen(true)] out Outgoing? outgoing, [NotNullWhen(false)] out ApiError? error)
    {
        string asked = call.Facts.Model, model = target.ModelFor(asked);
        ReadOnlyMemory<byte> body = call.Prepared?.Kept is { } kept && kept.Endpoint == target.Endpoint && format == call.Dialect ? kept.Body : call.Body;
        IReadOnlyList<string> notCarried = [];
        (outgoing, error) = (null, null);
        if (format != call.Dialect)
        {
            if (!RequestTranslator.TryTranslate(body.Span, call.Dialect, format, new(model, target.Facts.MaxOutputTokens) { OlderBound = provider.OlderBound, StreamUsage = provider.ExactStreamUsage }, out TranslatedRequest? translated, out error)) { return false; }
            (body, notCarried) = (translated.Body, WithHeaders(call.Http.Request.Headers, call.Dialect, format, translated.NotCarried));
        }

        else if (IsOfAnotherFamily(call, target) && format == Dialect.Anthropic)
        {
            if (!ThinkingSplice.TryRemove(body, out body, out bool found))
            {
                error = new(ApiErrorKind.InvalidRequest, $"A message of nothing but thinking cannot be sent to {model}, a model of another family.", "messages");
                return false;
            }

            if (found) { notCarried = ["messages.content.thinking"]; }
        }

        bool added = false;
        string? renamed = format == call.Dialect && model != asked ? model : null;
        if (format == Dialect.OpenAI && call.Facts.Stream && provider.ExactStreamUsage) { body = AskForUsage(body, renamed, out added); }
        else if (renamed is not null) { body = BodySplice.WithModel(body.Span, renamed); }
        outgoing = new(new(format, model, call.Facts.Stream, body, Headers(call, format), format == call.Dialect ? call.Http.Request.QueryString.Value ?? "" : ""))
        {
            UsageAdded = added,
            NotCarried = notCarried,
        };
        return true;
    }

    // Signatures of thinking are good on every cloud that serves Claude (platform.claude.com/docs, extended thinking), and on
    // nothing else. The first target of a plan gets what the client sent; only who stands in for it may need less.
    private static bool IsOfAnotherFamily(ModelCall call, RouteTarget target)
    {
        RouteTarget first = call.Route.Targets[call.Plan[0]];
        if (ReferenceEquals(first, target)) { return false; }
        string one = first.ModelFor(call.Facts.Model), other = target.ModelFor(call.Facts.Model);
        return one != other && !(IsClaude(one) && IsClaude(other));
    }

    private static bool IsClaude(string model) => model.Contains("claude", StringComparison.OrdinalIgnoreCase);

    private static ReadOnlyMemory<byte> AskForUsage(ReadOnlyMemory<byte> body, string? renamed, out bool added)
    {
        added = !BodySplice.AsksForUsage(body.Span);
        return added || renamed is not null ? BodySplice.WithUsage(body.Span, renamed, out _) : body;
    }

    // Those by which one API's clients choose its features say nothing to the other.
    private static bool IsOfOtherApi(string name, Dialect client, Dialect format) =>
        client.IsAnthropic() != format.IsAnthropic() && name.StartsWith(client.IsAnthropic() ? "anthropic-" : "openai-", StringComparison.OrdinalIgnoreCase);

    private static IReadOnlyList<string> WithHeaders(IHeaderDictionary headers, Dialect client, Dialect format, IReadOnlyList<string> names)
    {
        List<string>? more = null;
        foreach ((string name, _) in headers)
        {
            // The version names the format itself.
            if (IsOfOtherApi(name, client, format) && !name.Equals("anthropic-version", StringComparison.OrdinalIgnoreCase)) { (more ??= [.. names]).Add(name.ToLowerInvariant()); }
        }

        return more ?? names;
    }

    private static List<KeyValuePair<string, string>> Headers(ModelCall call, Dialect format)
    {
        IHeaderDictionary headers = call.Http.Request.Headers;
        string? connection = headers.Connection;
        string? trace = RequestSpan.TraceParent;
        var forwarded = new List<KeyValuePair<string, string>>(HeadersExpected);
        foreach ((string name, Microsoft.Extensions.Primitives.StringValues values) in headers)
        {
            if (!ForwardableHeaders.MayForward(name, connection) || IsOfOtherApi(name, call.Dialect, format)) { continue; }
            if (trace is not null && name.Equals("traceparent", StringComparison.OrdinalIgnoreCase)) { continue; }
            foreach (string? value in values) { forwarded.Add(new(name, value ?? "")); }
        }

        if (trace is not null) { forwarded.Add(new("traceparent", trace)); }
        if (format.IsAnthropic() && !headers.ContainsKey("anthropic-version")) { forwarded.Add(new("anthropic-version", AnthropicVersion.V2023_06_01)); }
        return forwarded;
    }
}
