using System.Net;
using Gigawatt.Models;

namespace Gigawatt.Configuration;

/// <summary>The addresses that providers may be configured at.</summary>
internal static class ProviderAddress
{
    /// <summary>Reads a base address.</summary>
    /// <returns>Null, or what is wrong with it.</returns>
    public static string? Read(string text, out Uri? value)
    {
        bool isUrl = Uri.TryCreate(text.Trim(), UriKind.Absolute, out value) && value.Scheme is "http" or "https" && value.Host.Length > 0 && HasName(value);
        if (!isUrl) { return "this is not an absolute http or https address; write one such as https://api.anthropic.com"; }
        if (value!.UserInfo.Length > 0) { return "the address holds a user name or password; take it out and give the key with key-env or key-file"; }
        return value.Query.Length > 0 || value.Fragment.Length > 0 ? "the address has a query or fragment; write it without, such as https://api.anthropic.com" : null;
    }

    // Some texts are taken for an address whose host's name then cannot be told.
    private static bool HasName(Uri url)
    {
        try { return url.IdnHost.Length > 0; }
        catch (UriFormatException) { return false; }
    }

    /// <summary>Why a provider may not be at this address without permission; null when it may, or when its host is a name, which
    /// is judged when it is connected to. Who writes a literal loopback address means this machine.</summary>
    public static string? Refusal(Uri url) =>
        IPAddress.TryParse(url.IdnHost.Trim('[', ']'), out IPAddress? address) && AddressReaches.Of(address) is AddressReach.LinkLocal or AddressReach.Private
            ? $"{address} is not an address of the internet"
            : null;
}
