using System.Globalization;
using System.Net;
using System.Text.RegularExpressions;
using Gigawatt.Models;

namespace Gigawatt.Configuration.Migration;

/// <summary>The providers of the file to be written: equal ones once, each with a name, and no key in any of them.</summary>
/// <param name="variable">Reads the environment, for addresses and regions that a file takes from there. Never asked for a key.</param>
internal sealed partial class DraftProviders(Func<string, string?> variable)
{
    // What people write where a server wants no key but a client insists on one.
    private static readonly string[] NoKeys = ["none", "null", "empty", "dummy", "fake", "fake-key", "not-needed", "na", "n/a", "anything", "no-key"];

    private readonly List<(string Name, DraftProvider Provider)> _all = [];
    private readonly Dictionary<(string Vendor, string Key), string> _variableOfLiteral = [];

    public IReadOnlyList<(string Name, DraftProvider Provider)> All => _all;

    /// <summary>The name of a provider, which is added when there is no equal one.</summary>
    public string NameOf(DraftProvider provider)
    {
        int at = _all.FindIndex(p => p.Provider == provider);
        if (at >= 0) { return _all[at].Name; }
        int same = _all.Count(p => p.Provider.Vendor == provider.Vendor);
        string name = same == 0 ? provider.Vendor.Name : string.Create(CultureInfo.InvariantCulture, $"{provider.Vendor.Name}-{same + 1}");
        _all.Add((name, provider));
        return name;
    }

    /// <summary>The variable that a key is taken from: the one that the file names, one to be set where the file has the key itself,
    /// or that of the provider's own clients where it says nothing.</summary>
    public string? KeyVariable(ForeignMap map, string field, Vendor vendor)
    {
        if (map.Text(field) is not { Length: > 0 } key) { return vendor.KeyVariable; }
        if (VariableIn(key) is { } named)
        {
            if (VariableName().IsMatch(named)) { return named; }
            string instead = VariableOfLiteral(vendor, key);
            map.Note(field, $"what stands behind os.environ/ is not the name of a variable; put the key into the environment variable {instead}");
            return instead;
        }

        if (NoKeys.Contains(key.Trim(), StringComparer.OrdinalIgnoreCase)) { return null; }
        string ours = VariableOfLiteral(vendor, key);
        map.Note(field, $"the key itself stands in the file and is not copied; put it into the environment variable {ours}");
        return ours;
    }

    /// <summary>A variable for a key that is to be put there, the same for the same key of a vendor.</summary>
    public string VariableOfLiteral(Vendor vendor, string key)
    {
        if (_variableOfLiteral.TryGetValue((vendor.Name, key), out string? known)) { return known; }
        string start = vendor.Name.ToUpperInvariant().Replace('-', '_');
        int number = _variableOfLiteral.Values.Count(v => v.StartsWith(start + "_KEY_", StringComparison.Ordinal)) + 1;
        return _variableOfLiteral[(vendor.Name, key)] = string.Create(CultureInfo.InvariantCulture, $"{start}_KEY_{number}");
    }

    /// <summary>A value that is no secret, from the file or from the variable that it names; null where there is none.</summary>
    public string? Plain(ForeignMap map, string field)
    {
        if (map.Text(field) is not { Length: > 0 } text) { return null; }
        if (VariableIn(text) is not { } name) { return text.Trim(); }
        if (variable(name) is { Length: > 0 } value) { return value.Trim(); }
        map.Note(field, "the value is in an environment variable that is not set here, and our file takes only keys from there; set it and migrate again, or write the value into the new file");
        return null;
    }

    /// <summary>The provider with its address.</summary>
    /// <returns>Null when it needs an address and has none; that is noted.</returns>
    public DraftProvider? At(DraftProvider provider, ForeignMap map, string field)
    {
        bool written = map.Has(field);
        if (Plain(map, field) is not { } text)
        {
            if (!written && !provider.Vendor.NeedsUrl) { return provider with { Url = provider.Vendor.Url }; }
            if (!written)
            {
                map.Note(field, $"a provider of this kind ({provider.Vendor.Name}) needs an address, and none is given; add the provider by hand");
                return null;
            }

            // The file stays complete and the provider fails by name until somebody writes the address.
            string placeholder = VariableIn(map.Text(field) ?? "") is { } name && VariableName().IsMatch(name) ? name.ToLowerInvariant().Replace('_', '-') : "address";
            return provider with { Url = $"https://{placeholder}.invalid" };
        }

        if (!Uri.TryCreate(text.Trim().TrimEnd('/'), UriKind.Absolute, out Uri? url) || url.Scheme is not ("http" or "https") || !HasName(url))
        {
            map.Note(field, "this is not an http or https address; add the provider by hand");
            return null;
        }

        if (url.UserInfo.Length > 0 || url.Query.Length > 0 || url.Fragment.Length > 0)
        {
            map.Note(field, "user name, password, query and fragment of the address are not carried over; a key goes into key-env");
        }

        return Placed(provider, url) with { AllowPrivate = IsPrivate(url) };
    }

    /// <summary>The variable that LiteLLM is told to take a value from; null where the value itself is written.</summary>
    public static string? VariableIn(string text) =>
        text.Trim() is var trimmed && trimmed.StartsWith("os.environ/", StringComparison.Ordinal) ? trimmed["os.environ/".Length..] : null;

    private static DraftProvider Placed(DraftProvider provider, Uri url)
    {
        string origin = url.GetComponents(UriComponents.SchemeAndServer, UriFormat.UriEscaped);
        string path = url.AbsolutePath.TrimEnd('/');
        switch (provider.Vendor.Kind)
        {
            case "azure-openai" or "foundry":
                string domain = provider.Vendor.Kind == "foundry" ? ".services.ai.azure.com" : ".openai.azure.com";
                return url.Host.EndsWith(domain, StringComparison.OrdinalIgnoreCase) && url.Host.Count('.') == domain.Count('.')
                    ? provider with { Resource = url.Host[..url.Host.IndexOf('.', StringComparison.Ordinal)] }
                    : provider with { Url = origin };
            case "anthropic":
                foreach (string end in (ReadOnlySpan<string>)["/messages", "/v1"])
                {
                    if (path.EndsWith(end, StringComparison.Ordinal)) { path = path[..^end.Length]; }
                }

                return provider with { Url = origin + path };
            default:
                if (path.EndsWith("/chat/completions", StringComparison.Ordinal)) { path = path[..^"/chat/completions".Length]; }
                bool local = provider.Vendor.Url is { } known && known.EndsWith("/v1", StringComparison.Ordinal) && provider.Vendor.KeyVariable is null;
                return provider with { Url = origin + (local && path.Length == 0 ? "/v1" : path) };
        }
    }

    // A host that is no name in any script shows only when its ASCII form is asked for.
    private static bool HasName(Uri url)
    {
        try { return url.IdnHost.Length > 0; }
        catch (UriFormatException) { return false; }
    }

    // Who names such an address means it; our server asks to hear that, so that nobody reaches into a network by a slip.
    private static bool IsPrivate(Uri url)
    {
        string host = url.IdnHost.Trim('[', ']');
        if (IPAddress.TryParse(host, out IPAddress? address)) { return AddressReaches.Of(address) is not (AddressReach.Public or AddressReach.Loopback); }
        return host != "localhost" && (!host.Contains('.', StringComparison.Ordinal)
            || Array.Exists([".local", ".internal", ".lan", ".intranet"], end => host.EndsWith(end, StringComparison.OrdinalIgnoreCase)));
    }

    [GeneratedRegex("^[A-Za-z_][A-Za-z0-9_]*$")]
    private static partial Regex VariableName();
}
