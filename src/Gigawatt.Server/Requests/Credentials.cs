using Gigawatt.Admission;
using Gigawatt.Server.Identity;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Primitives;

namespace Gigawatt.Server.Requests;

/// <summary>Finds the caller by the key that a request shows: <c>x-api-key</c>, Azure's <c>api-key</c>, <c>Authorization: Bearer</c>, or several.</summary>
internal static class Credentials
{
    private const string Bearer = "Bearer ";

    /// <summary>The caller, or null with the reason.</summary>
    public static Caller? Find(IHeaderDictionary headers, KeyRing ring, out RequestRefusal refusal)
    {
        StringValues key = headers["x-api-key"];
        StringValues authorization = headers.Authorization;
        StringValues azure = headers["api-key"];
        if (key.Count == 0 && authorization.Count == 0 && azure.Count == 0)
        {
            refusal = RequestRefusal.KeyMissing;
            return null;
        }

        refusal = RequestRefusal.KeyUnknown;
        // Some clients send a placeholder in one of them, so the first that is known counts.
        if (key.Count == 1 && ring.Find(key[0]) is { } byKey) { return byKey; }
        if (azure.Count == 1 && ring.Find(azure[0]) is { } byAzureKey) { return byAzureKey; }
        return authorization.Count == 1 && authorization[0] is { } value && value.StartsWith(Bearer, StringComparison.OrdinalIgnoreCase)
            ? ring.Find(value.AsSpan(Bearer.Length).Trim())
            : null;
    }
}
