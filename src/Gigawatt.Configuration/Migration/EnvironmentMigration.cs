using Gigawatt.Configuration.Reading;

namespace Gigawatt.Configuration.Migration;

/// <summary>Makes one of our config files of the environment that OpenAI's, Anthropic's and Azure's clients read.</summary>
internal sealed class EnvironmentMigration
{
    private static readonly string[] ClientsOwn =
        ["ANTHROPIC_MODEL", "ANTHROPIC_SMALL_FAST_MODEL", "ANTHROPIC_DEFAULT_OPUS_MODEL", "ANTHROPIC_DEFAULT_SONNET_MODEL", "ANTHROPIC_DEFAULT_HAIKU_MODEL",
         "OPENAI_MODEL", "OPENAI_API_TYPE", "OPENAI_LOG", "ANTHROPIC_LOG", "OPENAI_TIMEOUT", "OPENAI_MAX_RETRIES"];

    private readonly MigrationNotes _notes = new();
    private readonly DraftProviders _providers;
    private readonly Dictionary<string, IReadOnlyList<string>> _models = new(StringComparer.Ordinal);
    private readonly ForeignMap _file;

    private EnvironmentMigration(MapNode file, Func<string, string?> variable) =>
        (_file, _providers) = (new ForeignMap(file, "", _notes), new DraftProviders(variable));

    /// <summary>Converts the text of an environment file: lines of <c>NAME=value</c>, also with <c>export</c> before them.</summary>
    public static Loaded<MigratedConfig> Read(string text, string fileName, Func<string, string?> variable)
    {
        var problems = new Problems(fileName);
        MapNode file = EnvironmentFile.Parse(text, problems);
        return problems.Result(() => new EnvironmentMigration(file, variable).Convert());
    }

    private MigratedConfig Convert()
    {
        AddAnthropic();
        AddClouds();
        AddAzure();
        AddOpenAI();
        AddOthers();
        Organisation();
        _file.Skip(ClientsOwn);
        foreach (string name in _file.Names.Where(IsOurBusiness)) { _file.Skip(name); }
        _file.DropRest("our file has nothing of this kind");
        NarrowWhereSeveralServeAll();
        string yaml = DraftWriter.Write("openai-env", new Draft(), _providers.All, name => _models.GetValueOrDefault(name));
        return new MigratedConfig(yaml, _notes.InOrder(), DraftWriter.Variables(_providers.All));
    }

    // Other programs' variables in the same file are none of a migration's business.
    private static bool IsOurBusiness(string name) =>
        !Array.Exists(["OPENAI_", "ANTHROPIC_", "AZURE_", "CLAUDE_CODE_"], start => name.StartsWith(start, StringComparison.Ordinal));

    private void AddAnthropic()
    {
        bool has = _file.Has("ANTHROPIC_API_KEY") || _file.Has("ANTHROPIC_AUTH_TOKEN") || _file.Has("ANTHROPIC_BASE_URL");
        string? key = First("ANTHROPIC_API_KEY", "ANTHROPIC_AUTH_TOKEN");
        if (key == "ANTHROPIC_AUTH_TOKEN") { _file.Note(key, "the token is sent as an API key (x-api-key); a server that insists on a bearer token needs a key of its own"); }
        _file.Skip("ANTHROPIC_API_KEY", "ANTHROPIC_AUTH_TOKEN");
        _file.Drop("ANTHROPIC_CUSTOM_HEADERS", "no headers are added; what clients send is passed on");
        if (has) { Add(new DraftProvider(Vendor.Find("anthropic")!) { KeyVariable = key }, "ANTHROPIC_BASE_URL"); }
    }

    private void AddClouds()
    {
        string? region = First("AWS_REGION", "AWS_DEFAULT_REGION");
        if (_file.IsSet("CLAUDE_CODE_USE_BEDROCK"))
        {
            Add(new DraftProvider(Vendor.Find("bedrock")!) { Region = region is null ? null : _file.Text(region), Profile = _file.Text("AWS_PROFILE") }, "ANTHROPIC_BEDROCK_BASE_URL");
        }

        if (_file.IsSet("CLAUDE_CODE_USE_VERTEX"))
        {
            Add(new DraftProvider(Vendor.Find("vertex")!) { Project = _file.Text("ANTHROPIC_VERTEX_PROJECT_ID"), Location = _file.Text("CLOUD_ML_REGION") }, "ANTHROPIC_VERTEX_BASE_URL");
        }

        if (_file.Has("ANTHROPIC_FOUNDRY_RESOURCE") || _file.Has("ANTHROPIC_FOUNDRY_BASE_URL"))
        {
            string? key = First("ANTHROPIC_FOUNDRY_API_KEY");
            _file.Skip("ANTHROPIC_FOUNDRY_API_KEY", "CLAUDE_CODE_USE_FOUNDRY");
            var foundry = new DraftProvider(Vendor.Find("foundry")!) { KeyVariable = key, Resource = _file.Text("ANTHROPIC_FOUNDRY_RESOURCE") };
            if (foundry.Resource is not null) { _models[_providers.NameOf(foundry)] = ["claude-*"]; }
            else { Add(foundry, "ANTHROPIC_FOUNDRY_BASE_URL", "claude-*"); }
            _file.Skip("ANTHROPIC_FOUNDRY_BASE_URL");
        }
    }

    private void AddAzure()
    {
        string? url = First("AZURE_OPENAI_ENDPOINT", "AZURE_API_BASE");
        if (url is null) { return; }
        string? key = First("AZURE_OPENAI_API_KEY", "AZURE_API_KEY");
        string? version = First("AZURE_OPENAI_API_VERSION", "OPENAI_API_VERSION", "AZURE_API_VERSION") is { } name ? _file.Text(name) : null;
        string? deployment = First("AZURE_OPENAI_DEPLOYMENT", "AZURE_OPENAI_DEPLOYMENT_NAME", "AZURE_OPENAI_CHAT_DEPLOYMENT_NAME");
        _file.Skip("AZURE_OPENAI_API_KEY", "AZURE_API_KEY", "AZURE_OPENAI_API_VERSION", "OPENAI_API_VERSION", "AZURE_API_VERSION");
        var azure = new DraftProvider(Vendor.Find("azure")!) { KeyVariable = key, ApiVersion = version is "v1" or "latest" or "preview" ? null : version };
        Add(azure, url, deployment is null ? [] : [_file.Text(deployment)!]);
        if (deployment is null) { _file.Note(url, "name its deployments under models:, which are the names that clients ask for"); }
    }

    private void AddOpenAI()
    {
        string? url = First("OPENAI_BASE_URL", "OPENAI_API_BASE");
        bool has = _file.Has("OPENAI_API_KEY") || url is not null;
        string? key = First("OPENAI_API_KEY");
        _file.Skip("OPENAI_API_KEY", "OPENAI_API_BASE");
        if (has) { Add(new DraftProvider(Vendor.Find("openai")!) { KeyVariable = key }, url ?? "OPENAI_BASE_URL"); }
    }

    private void AddOthers()
    {
        foreach (string name in _file.Names.ToArray())
        {
            if (Vendor.OfVariable(name) is not { } vendor || vendor.Kind is not "openai" || vendor.Name == "openai") { continue; }
            _file.Skip(name);
            Add(new DraftProvider(vendor) { KeyVariable = name }, $"{vendor.Name}.url", vendor.Models);
            if (vendor.Models.Length == 0) { _file.Note(name, "its models cannot be told by how their names start; name them under models:"); }
        }
    }

    private void Organisation()
    {
        foreach (string name in (ReadOnlySpan<string>)["OPENAI_ORG_ID", "OPENAI_ORGANIZATION", "OPENAI_PROJECT", "OPENAI_PROJECT_ID"])
        {
            _file.Drop(name, "the organisation's header is not sent; use a key of that organisation");
        }
    }

    private void Add(DraftProvider provider, string urlVariable, params string[]? models)
    {
        if (_providers.At(provider, _file, urlVariable) is not { } placed) { return; }
        string name = _providers.NameOf(placed);
        if (models is not null && (models.Length > 0 || provider.Vendor.Name is not ("openai" or "anthropic" or "bedrock" or "vertex"))) { _models[name] = models; }
    }

    // A provider without a list is asked for every model, which is right for one and wrong beside another.
    private void NarrowWhereSeveralServeAll()
    {
        bool several = _providers.All.Count(p => p.Provider.Vendor.Name != "anthropic") > 1;
        bool elsewhere = _file.Text("ANTHROPIC_BASE_URL") is not null && _providers.All.Count > 1;
        foreach ((string name, DraftProvider provider) in _providers.All)
        {
            if ((several && provider.Vendor.Name == "openai") || (elsewhere && provider.Vendor.Name == "anthropic") || provider.Vendor.Name == "bedrock")
            {
                _models.TryAdd(name, provider.Vendor.Name == "bedrock" ? ["anthropic.*", "us.anthropic.*", "eu.anthropic.*", "global.anthropic.*"] : provider.Vendor.Models);
            }
        }
    }

    private string? First(params ReadOnlySpan<string> names)
    {
        foreach (string name in names)
        {
            if (_file.Has(name)) { return name; }
        }

        return null;
    }
}
