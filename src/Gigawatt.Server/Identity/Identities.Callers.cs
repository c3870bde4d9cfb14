using System.Net;
using Gigawatt.Admission;
using Gigawatt.Server.Requests;
using Gigawatt.Units;
using Microsoft.AspNetCore.Http;

namespace Gigawatt.Server.Identity;

/// <content>Who sends a request.</content>
internal sealed partial class Identities
{
    /// <summary>Proxies whose word about a client's address is taken.</summary>
    public IReadOnlyList<IPNetwork> TrustedProxies { get; set; } = [];

    /// <summary>Who shows a key, and whether the key is good now, from there and for that path.</summary>
    public RequestRefusal Identify(HttpContext http, Instant now, out Caller? caller)
    {
        caller = Credentials.Find(http.Request.Headers, Ring, out RequestRefusal refusal);
        if (caller is null) { return refusal; }
        refusal = RequestAdmission.CheckKey(caller, now);
        if (refusal != RequestRefusal.None || (caller.Key.Networks.Count == 0 && caller.Key.Routes.Count == 0)) { return refusal; }
        IPAddress? address = caller.Key.Networks.Count == 0 ? null : ClientAddress.Of(http, TrustedProxies);
        return RequestAdmission.CheckOrigin(caller, http.Request.Path.Value ?? "", address);
    }
}
