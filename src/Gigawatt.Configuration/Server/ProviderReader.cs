using Gigawatt.Configuration.Reading;

namespace Gigawatt.Configuration;

/// <summary>Reads the providers: those of the file, then those that the environment names, else the simulated one.</summary>
internal static class ProviderReader
{
    private static readonly Kind<ProviderKind> KindOfProvider = Kinds.OneOf(
        ("anthropic", ProviderKind.Anthropic), ("openai", ProviderKind.OpenAI), ("simulated", ProviderKind.Simulated));

    // The address is not quoted back: somebody may have written a password into it.
    private static readonly Kind<Uri?> Address = new("https://api.anthropic.com", ReadUrl);

    public static List<ProviderConfig> ReadAll(MapReader root, string folder, IReadOnlyDictionary<string, string> environment, Problems problems)
    {
        var names = new NameTable("provider", "providers", problems);
        List<ProviderConfig> providers = [.. root.Blocks("providers", "provider").Select(map => Read(map, names, folder, environment, problems))];
        AddFromEnvironment(providers, "anthropic", ProviderKind.Anthropic, environment, problems);
        AddFromEnvironment(providers, "openai", ProviderKind.OpenAI, environment, problems);
        if (providers.Count == 0) { providers.Add(new ProviderConfig("simulated", ProviderKind.Simulated, null, null, ["sim-*"])); }
        return providers;
    }

    private static ProviderConfig Read(MapReader map, NameTable names, string folder, IReadOnlyDictionary<string, string> environment, Problems problems)
    {
        string name = map.Require("name", Kinds.Name);
        names.Add(map.Where("name"), name);
        ProviderKind kind = map.Require("kind", KindOfProvider);
        Uri? url = map.Read("url", Address, null);
        Secret? key = ReadKey(map, folder, environment, problems);
        if (kind == ProviderKind.Simulated)
        {
            foreach (string field in new[] { "url", "key", "key-env", "key-file" })
            {
                if (map.Has(field)) { map.Wrong(field, "a simulated provider calls nobody; remove the field"); }
            }
        }

        // The key in the environment is meant for the public address of its kind, and goes nowhere else.
        if (key is null && !map.Has("url") && kind != ProviderKind.Simulated) { key = Variable(environment, KeyVariable(kind)); }
        var provider = new ProviderConfig(name, kind, url, key, map.Texts("models", Kinds.ModelPattern, DefaultModels(kind, url)));
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
        Secret? key = Variable(environment, KeyVariable(kind));
        string? address = Variable(environment, urlVariable)?.Reveal();
        if ((key is null && address is null) || providers.Exists(p => p.Kind == kind || p.Name == name)) { return; }
        Uri? url = null;
        if (address is not null && ReadUrl(address, out url) is { } wrong) { problems.Add(0, 0, $"the environment variable {urlVariable}: {wrong}"); }
        providers.Add(new ProviderConfig(name, kind, url, key, DefaultModels(kind, url)));
    }

    // Who names another address may serve any models there; Anthropic's own serves Claude.
    private static string[] DefaultModels(ProviderKind kind, Uri? url) => kind switch
    {
        ProviderKind.Simulated => ["sim-*"],
        ProviderKind.Anthropic when url is null => ["claude-*"],
        _ => ["*"],
    };

    private static string KeyVariable(ProviderKind kind) => kind == ProviderKind.Anthropic ? "ANTHROPIC_API_KEY" : "OPENAI_API_KEY";

    private static Secret? Variable(IReadOnlyDictionary<string, string> environment, string name) =>
        environment.TryGetValue(name, out string? value) && !string.IsNullOrWhiteSpace(value) ? new Secret(value.Trim()) : null;

    private static string? ReadUrl(string text, out Uri? value)
    {
        bool isUrl = Uri.TryCreate(text.Trim(), UriKind.Absolute, out value) && value.Scheme is "http" or "https" && value.Host.Length > 0;
        if (!isUrl) { return "this is not an absolute http or https address; write one such as https://api.anthropic.com"; }
        if (value!.UserInfo.Length > 0) { return "the address holds a user name or password; take it out and give the key with key-env or key-file"; }
        return value.Query.Length > 0 || value.Fragment.Length > 0 ? "the address has a query or fragment; write it without, such as https://api.anthropic.com" : null;
    }
}
