using System.Net;
using Gigawatt.Admission;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Primitives;

namespace Gigawatt.Server.Requests;

/// <summary>Where a client calls from, through proxies whose word is taken.</summary>
internal static class ClientAddress
{
    /// <summary>The address of the connection; where that is a trusted proxy, the nearest address in <c>X-Forwarded-For</c> that is
    /// not one. Null when it cannot be told.</summary>
    /// <remarks>Each proxy adds the address it was called from at the end, so only what stands behind the last address that is not
    /// trusted was written by somebody who is; what stands before it anybody may have made up.</remarks>
    public static IPAddress? Of(IPAddress? connection, StringValues forwardedFor, IReadOnlyList<IPNetwork> trusted)
    {
        IPAddress? address = connection;
        for (int line = forwardedFor.Count - 1; line >= 0; line--)
        {
            string[] hops = (forwardedFor[line] ?? "").Split(',', StringSplitOptions.TrimEntries);
            for (int hop = hops.Length - 1; hop >= 0; hop--)
            {
                if (!RequestAdmission.IsIn(trusted, address)) { return address; }
                if (!TryParse(hops[hop], out address)) { return null; }
            }
        }

        return address;
    }

    /// <summary>The client of a request.</summary>
    public static IPAddress? Of(HttpContext http, IReadOnlyList<IPNetwork> trusted) =>
        Of(http.Connection.RemoteIpAddress, http.Request.Headers["x-forwarded-for"], trusted);

    // Some proxies add the port: 192.0.2.1:4711 or [2001:db8::1]:4711.
    private static bool TryParse(string text, out IPAddress? address)
    {
        bool parsed = IPEndPoint.TryParse(text, out IPEndPoint? end);
        address = end?.Address;
        return parsed;
    }
}
