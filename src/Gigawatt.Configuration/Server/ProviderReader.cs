using Gigawatt.Configuration.Reading;

namespace Gigawatt.Configuration;

/// <summary>Reads the providers: those of the file, then those that the environment names, else the simulated one.</summary>
internal static class ProviderReader
{
    private static readonly (string Word, ProviderKind Kind)[] KindWords =
    [
        ("anthropic", ProviderKind.Anthropic), ("openai", ProviderKind.OpenAI), ("foundry", ProviderKind.Foundry), ("azure-openai", ProviderKind.AzureOpenAI),
        ("bedrock", ProviderKind.Bedrock), ("vertex", ProviderKind.Vertex), ("simulated", ProviderKind.Simulated),
    ];

    private static readonly Kind<ProviderKind> KindOfProvider = Kinds.OneOf(KindWords);

    // The address is not quoted back: somebody may have written a password into it.
    private static readonly Kind<Uri?> Address = new("https://api.anthropic.com", ProviderAddress.Read);

    public static List<ProviderConfig> ReadAll(MapReader root, string folder, TlsReader tls, IReadOnlyDictionary<string, string> environment, Problems problems)
    {
        var names = new NameTable("provider", "providers", problems);
        List<ProviderConfig> providers = [.. root.Blocks("providers", "provider").Select(map => Read(map, names, folder, tls, environment, problems))];
        AddFromEnvironment(providers, "anthropic", ProviderKind.Anthropic, environment, problems);
        AddFromEnvironment(providers, "openai", ProviderKind.OpenAI, environment, problems);
        if (providers.Count == 0) { providers.Add(new ProviderConfig("simulated", ProviderKind.Simulated, null, null, ["sim-*"])); }
        return providers;
    }

    private static ProviderConfig Read(MapReader map, NameTable names, string folder, TlsReader tls, IReadOnlyDictionary<string, string> environment, Problems problems)
    {
        string name = map.Require("name", Kinds.Name);
        names.Add(map.Where("name"), name);
        ProviderKind kind = map.Require("kind", KindOfProvider);
        Uri? url = map.Read("url", Address, null);
        // Which fields belong to the provider is known only when its kind is.
        bool kindKnown = map.Find("kind") is TextNode word && Array.Exists(KindWords, k => k.Word == word.Text);
        // Vertex is called with a service account, whose file is no key.
        Secret? key = kindKnown && kind == ProviderKind.Vertex ? null : ReadKey(map, folder, environment, problems);

        // The key in the environment is meant for the public address of its kind, and goes nowhere else.
        if (key is null && kindKnown && !map.Has("url") && KeyVariable(kind) is { } variable) { key = Variable(environment, variable); }
        ProviderConfig provider = ProviderFields.Read(map, kindKnown, folder, environment, new(name, kind, url, key, []));
        provider = provider with { Models = map.Texts("models", Kinds.ModelPattern, DefaultModels(kind, url)), Tls = tls.ReadClient(map) };
        map.Close();
        return provider;
    }

    // No message repeats what is written in these fields: one may hold the key itself by mistake.
    private static Secret? ReadKey(MapReader map, string folder, IReadOnlyDictionary<string, string> environment, Problems problems)
    {
        TextNode? literal = map.Single("key", "the key");
        TextNode? variable = map.Single("key-env", "ANTHROPIC_API_KEY");
        TextNode? file = map.Single("key-file", "anthropic.key");
        if ((literal is null ? 0 : 1) + (variable is null ? 0 : 1) + (file is null ? 0 : 1) > 1)
        {
            map.Wrong(literal is null ? "key-env" : "key", "the key is given more than once; keep one of key, key-env and key-file");
            return null;
        }

        if (literal is not null) { return new Secret(literal.Text.Trim()); }
        if (variable is not null)
        {
            Secret? key = Variable(environment, variable.Text);
            if (key is null) { problems.Add(variable, "key-env: the environment variable named here is not set; set it, or name another"); }
            return key;
        }

        return file is null ? null : ReadKeyFile(file, folder, problems);
    }

    private static Secret? ReadKeyFile(TextNode at, string folder, Problems problems)
    {
        var inFile = new Problems(at.Text);
        if (ConfigFile.ReadText(Path.Combine(folder, at.Text), inFile) is { } text && text.Trim() is { Length: > 0 } key) { return new Secret(key); }
        string why = inFile.Count > 0 ? inFile.First.Message : "the file is empty; put the key into it";
        problems.Add(at, $"key-file: {why}");
        return null;
    }

    private static void AddFromEnvironment(
        List<ProviderConfig> providers, string name, ProviderKind kind, IReadOnlyDictionary<string, string> environment, Problems problems)
    {
        string urlVariable = kind == ProviderKind.Anthropic ? "ANTHROPIC_BASE_URL" : "OPENAI_BASE_URL";
        Secret? key = Variable(environment, KeyVariable(kind)!);
        string? address = Variable(environment, urlVariable)?.Reveal();
        if ((key is null && address is null) || providers.Exists(p => p.Kind == kind || p.Name == name)) { return; }
        Uri? url = null;
        if (address is not null && ProviderAddress.Read(address, out url) is { } wrong) { problems.Add(0, 0, $"the environment variable {urlVariable}: {wrong}"); }
        else if (url is not null && ProviderAddress.Refusal(url) is { } refusal) { problems.Add(0, 0, $"the environment variable {urlVariable}: {refusal}; write the provider into a config file with allow-private: true if that is meant"); }
        providers.Add(new ProviderConfig(name, kind, url, key, DefaultModels(kind, url)));
    }

    // Who names another address may serve any models there; Anthropic's own serves Claude.
    private static string[] DefaultModels(ProviderKind kind, Uri? url) => kind switch
    {
        ProviderKind.Simulated => ["sim-*"],
        ProviderKind.Anthropic when url is null => ["claude-*"],
        ProviderKind.Vertex => ["claude-*"],
        _ => ["*"],
    };

    private static string? KeyVariable(ProviderKind kind) => kind switch
    {
        ProviderKind.Anthropic => "ANTHROPIC_API_KEY",
        ProviderKind.OpenAI => "OPENAI_API_KEY",
        _ => null,
    };

    private static Secret? Variable(IReadOnlyDictionary<string, string> environment, string name) =>
        environment.TryGetValue(name, out string? value) && !string.IsNullOrWhiteSpace(value) ? new Secret(value.Trim()) : null;
}
