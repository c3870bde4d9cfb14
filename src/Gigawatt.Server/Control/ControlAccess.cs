using System.Buffers.Text;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Gigawatt.Admission;
using Gigawatt.Server.Identity;
using Microsoft.AspNetCore.Http;

namespace Gigawatt.Server.Control;

/// <summary>Who calls the control API.</summary>
/// <param name="Tenant">The tenant of the key, or null for the operator, who may act for all.</param>
internal sealed record ControlCaller(string? Tenant)
{
    public bool IsOperator => Tenant is null;

    /// <summary>Whether the caller may see and change what belongs to a tenant.</summary>
    public bool MayActFor(string tenant) => Tenant is null || Tenant == tenant;
}

/// <summary>Credentials of the control API. All but API keys follow from the server's secret, so none is stored.</summary>
/// <remarks>
/// The operator's token is in <c>server.json</c>, which only the server's user can read. A join token carries its own end and
/// lets an agent join; an agent's secret stands for its node's name.
/// </remarks>
internal sealed class ControlAccess(byte[] secret, Identities identities, TimeProvider time)
{
    private const string JoinPrefix = "gwj-";

    /// <summary>The operator's credential.</summary>
    public string OperatorToken { get; } = "gwo-" + Sign(secret, "operator");

    /// <summary>Who shows this credential, or null when it is not one of ours.</summary>
    public ControlCaller? Find(HttpRequest request)
    {
        string shown = Bearer(request);
        if (shown.Length == 0) { return null; }
        if (SameText(shown, OperatorToken)) { return new ControlCaller(null); }
        RequestRefusal refusal = identities.Identify(request.HttpContext, Units.Instant.From(time.GetUtcNow()), out Caller? caller);
        return refusal == RequestRefusal.None ? new ControlCaller(caller!.Tenant.Id) : null;
    }

    /// <summary>A token with which agents may join until it ends.</summary>
    public string CreateJoinToken(DateTimeOffset expires)
    {
        string end = expires.ToUnixTimeSeconds().ToString(CultureInfo.InvariantCulture);
        return $"{JoinPrefix}{end}-{Sign(secret, "join:" + end)}";
    }

    /// <summary>Whether the request shows a join token that has not ended.</summary>
    public bool MayJoin(HttpRequest request)
    {
        string shown = Bearer(request);
        if (SameText(shown, OperatorToken)) { return true; }
        string[] parts = shown.Split('-', 3);
        return parts.Length == 3 && shown.StartsWith(JoinPrefix, StringComparison.Ordinal)
            && long.TryParse(parts[1], NumberStyles.None, CultureInfo.InvariantCulture, out long end)
            && SameText(parts[2], Sign(secret, "join:" + parts[1]))
            && time.GetUtcNow().ToUnixTimeSeconds() < end;
    }

    /// <summary>What the agent of a node shows after it joined: <c>gwa-SIGNATURE.NAME</c>.</summary>
    public string AgentSecret(string node) => $"gwa-{Sign(secret, "agent:" + node)}.{node}";

    /// <summary>The node whose agent calls, or null.</summary>
    public string? FindAgent(HttpRequest request)
    {
        string shown = Bearer(request);
        int dot = shown.IndexOf('.', StringComparison.Ordinal);
        return dot > 0 && SameText(shown, AgentSecret(shown[(dot + 1)..])) ? shown[(dot + 1)..] : null;
    }

    private static string Bearer(HttpRequest request)
    {
        string header = request.Headers.Authorization.ToString();
        if (header.StartsWith("Bearer ", StringComparison.OrdinalIgnoreCase)) { return header[7..].Trim(); }
        return request.Headers["x-api-key"].ToString();
    }

    private static string Sign(byte[] secret, string what) =>
        Base64Url.EncodeToString(HMACSHA256.HashData(secret, Encoding.UTF8.GetBytes("gigawatt-control:" + what)));

    private static bool SameText(string shown, string right) =>
        CryptographicOperations.FixedTimeEquals(Encoding.UTF8.GetBytes(shown), Encoding.UTF8.GetBytes(right));
}
