using System.Globalization;
using Gigawatt.Configuration.Reading;
using Gigawatt.Models;

namespace Gigawatt.Configuration;

/// <summary>Reads the fields of a provider that not every kind has.</summary>
internal static class ProviderFields
{
    private static readonly Kind<bool> YesOrNo = Kinds.OneOf(("true", true), ("false", false));

    private static readonly Dialect[] AllFormats = [Dialect.Anthropic, Dialect.CountTokens, Dialect.OpenAI, Dialect.Responses, Dialect.Embeddings];

    // Names of regions, locations, projects and resources go into host names and paths, where other characters would mean something else.
    private static readonly Kind<string> Label = new("us-east-1", static (string text, out string value) =>
    {
        value = text;
        return text.Length is > 0 and <= 63 && text.All(static c => char.IsAsciiLetterOrDigit(c) || c == '-')
            ? null
            : $"{Numbers.Quote(text)} is not such a name; write 1 to 63 letters, digits or '-'";
    });

    private static readonly Kind<string> AzureVersion = new("v1", static (string text, out string value) =>
    {
        value = text;
        string date = text.EndsWith("-preview", StringComparison.Ordinal) ? text[..^"-preview".Length] : text;
        return text == "v1" || DateOnly.TryParseExact(date, "yyyy-MM-dd", CultureInfo.InvariantCulture, DateTimeStyles.None, out _)
            ? null
            : $"{Numbers.Quote(text)} is not a version of Azure's API; write v1, or a date such as 2024-10-21 or 2025-04-01-preview";
    });

    // Who has a field; what is in no row belongs to all kinds but the simulated one.
    private static readonly (string Field, ProviderKind[] Kinds, string Advice)[] Owners =
    [
        ("resource", [ProviderKind.Foundry, ProviderKind.AzureOpenAI], "only foundry and azure-openai providers have a resource"),
        ("token-scope", [ProviderKind.Foundry, ProviderKind.AzureOpenAI], "only foundry and azure-openai providers ask Entra ID for a token"),
        ("api-version", [ProviderKind.AzureOpenAI], "only azure-openai providers have an API version"),
        ("profile", [ProviderKind.Bedrock], "only bedrock providers have an AWS profile"),
        ("project", [ProviderKind.Vertex], "only vertex providers have a project"),
        ("location", [ProviderKind.Vertex], "only vertex providers have a location"),
    ];

    private static readonly string[] OfWhoIsCalled =
        ["url", "key", "key-env", "key-file", "allow-private", "tls", "exact-usage", "formats", "connect-timeout", "timeout", "idle-timeout"];

    public static ProviderConfig Read(MapReader map, bool kindKnown, string folder, IReadOnlyDictionary<string, string> environment, ProviderConfig provider)
    {
        provider = provider with
        {
            KeyFile = KeyFile(map, kindKnown && provider.Kind == ProviderKind.Vertex) is { } file ? Path.Combine(folder, file.Text) : null,
            Region = map.ReadTextOrNull("region", Label, "us-east-1"),
            Project = map.ReadTextOrNull("project", Label, "my-project"),
            Location = map.ReadTextOrNull("location", Label, "global"),
            Profile = map.ReadTextOrNull("profile", Kinds.Text, "default"),
            ApiVersion = map.Read("api-version", AzureVersion, provider.ApiVersion),
            TokenScope = map.ReadTextOrNull("token-scope", Kinds.Text, "https://ai.azure.com/.default"),
            Formats = map.Has("formats") ? ReadFormats(map, provider.Kind) : null,
            ExactUsage = map.Read("exact-usage", YesOrNo, true),
            AllowPrivate = map.Read("allow-private", YesOrNo, false),
            ConnectTimeout = map.ReadOrNull("connect-timeout", Kinds.Time with { Example = "10s" }),
            HeadTimeout = map.ReadOrNull("timeout", Kinds.Time with { Example = "10m" }),
            IdleTimeout = map.ReadOrNull("idle-timeout", Kinds.Time with { Example = "5m" }),
        };
        string? resource = map.ReadTextOrNull("resource", Label, "my-resource");
        if (!kindKnown) { return provider; }
        RefuseFieldsOfOthers(map, provider.Kind);
        if (provider.Url is { } url && !provider.AllowPrivate && ProviderAddress.Refusal(url) is { } refusal)
        {
            map.Wrong("url", $"{refusal}; add allow-private: true if that is meant");
        }

        return Complete(map, provider, resource, environment);
    }

    // Where the key comes from the file, what is wrong with it has been said by who read the key.
    private static TextNode? KeyFile(MapReader map, bool isAccount) =>
        isAccount ? map.Single("key-file", "service-account.json") : map.Find("key-file") as TextNode;

    private static void RefuseFieldsOfOthers(MapReader map, ProviderKind kind)
    {
        foreach ((string field, ProviderKind[] kinds, string advice) in Owners)
        {
            if (map.Has(field) && !kinds.Contains(kind)) { map.Wrong(field, $"{advice}; remove the field"); }
        }

        if (kind == ProviderKind.Simulated)
        {
            foreach (string field in OfWhoIsCalled)
            {
                if (map.Has(field)) { map.Wrong(field, "a simulated provider calls nobody; remove the field"); }
            }
        }
        else if (kind == ProviderKind.Vertex)
        {
            foreach (string field in (ReadOnlySpan<string>)["key", "key-env"])
            {
                if (map.Find(field) is not null) { map.Wrong(field, "Vertex has no keys; name the file of a service account with key-file, or leave it out to use the credentials of this machine"); }
            }
        }
    }

    // What must be there for the kind, and what the environment may say instead.
    private static ProviderConfig Complete(MapReader map, ProviderConfig provider, string? resource, IReadOnlyDictionary<string, string> environment)
    {
        switch (provider.Kind)
        {
            case ProviderKind.Foundry or ProviderKind.AzureOpenAI:
                if (map.Has("url") && map.Has("resource")) { map.Wrong("resource", "the address is given with url already; keep one of the two"); }
                else if (!map.Has("url") && !map.Has("resource")) { map.Missing("resource", "my-resource"); }
                else if (resource is not null)
                {
                    string domain = provider.Kind == ProviderKind.Foundry ? "services.ai.azure.com" : "openai.azure.com";
                    provider = provider with { Url = new Uri($"https://{resource}.{domain}") };
                }

                return provider;
            case ProviderKind.Bedrock:
                provider = provider with { Region = provider.Region ?? Variable(environment, "AWS_REGION") ?? Variable(environment, "AWS_DEFAULT_REGION") };
                if (provider.Region is null && !map.Has("region")) { map.Missing("region", "us-east-1"); }
                return provider;
            case ProviderKind.Vertex:
                if (provider.KeyFile is { } account && !File.Exists(account)) { map.Wrong("key-file", "the file is not there or may not be read; name the file of a service account"); }
                provider = provider with { Project = provider.Project ?? Variable(environment, "GOOGLE_CLOUD_PROJECT"), Location = provider.Location ?? "global" };
                if (provider.Project is null && !map.Has("project")) { map.Missing("project", "my-project"); }
                return provider with { Region = provider.Region ?? provider.Location };
            default:
                return provider;
        }
    }

    private static Dialect[] ReadFormats(MapReader map, ProviderKind kind)
    {
        Dialect[] possible = FormatsOf(kind);
        Kind<string> word = new(possible.Length > 0 ? possible[0].Name() : "openai", (string text, out string value) =>
        {
            value = text;
            return Array.Exists(possible, d => d.Name() == text) ? null : Kinds.Unknown(text, possible.Select(d => d.Name()));
        });
        IReadOnlyList<string> words = map.Texts("formats", word, []);
        return [.. AllFormats.Where(d => words.Contains(d.Name()))];
    }

    private static Dialect[] FormatsOf(ProviderKind kind) => kind switch
    {
        ProviderKind.Anthropic or ProviderKind.Bedrock or ProviderKind.Vertex => [Dialect.Anthropic, Dialect.CountTokens],
        ProviderKind.OpenAI or ProviderKind.AzureOpenAI => [Dialect.OpenAI, Dialect.Responses, Dialect.Embeddings],
        _ => AllFormats,
    };

    private static string? Variable(IReadOnlyDictionary<string, string> environment, string name) =>
        environment.TryGetValue(name, out string? value) && !string.IsNullOrWhiteSpace(value) ? value.Trim() : null;
}
