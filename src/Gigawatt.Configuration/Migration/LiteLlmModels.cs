using System.Globalization;
using Gigawatt.Configuration.Reading;

namespace Gigawatt.Configuration.Migration;

/// <summary>One entry of LiteLLM's model list: a deployment, one of those that share its public name.</summary>
/// <param name="Group">The public name.</param>
/// <param name="Provider">Name of the provider in our file.</param>
/// <param name="Model">What the provider calls the model; null for the name that was asked for.</param>
internal sealed record LiteLlmDeployment(string Group, string Provider, string? Model)
{
    public decimal? Weight { get; init; }

    public decimal? RequestsPerMinute { get; init; }

    public decimal? TokensPerMinute { get; init; }

    public int Order { get; init; } = 1;

    public decimal? Retries { get; init; }

    public decimal? TimeoutSeconds { get; init; }

    public string? Region { get; init; }
}

/// <summary>Reads LiteLLM's model list.</summary>
/// <remarks>The fields are those of LiteLLM's documentation: "Config.yaml", "All settings" and "Load balancing".</remarks>
internal sealed class LiteLlmModels(Draft draft, DraftProviders providers)
{
    private const string NoDefaults = "the gateway sets no parameters of requests; let the clients send it";

    private static readonly string[] Parameters =
        ["temperature", "max_tokens", "max_completion_tokens", "top_p", "top_k", "n", "stop", "seed", "presence_penalty", "frequency_penalty",
         "response_format", "thinking", "reasoning_effort", "extra_body", "user", "tools", "tool_choice"];

    // What such models answer is not served.
    private static readonly string[] ModesServed = ["chat", "completion", "responses", "embedding", "batch"];

    private readonly Dictionary<string, ForeignMap> _credentials = new(StringComparer.Ordinal);

    public List<LiteLlmDeployment> Deployments { get; } = [];

    public void Read(ForeignMap root)
    {
        foreach (ForeignMap credential in root.Maps("credential_list"))
        {
            if (credential.Text("credential_name") is { } name && credential.Map("credential_values") is { } values) { _credentials.TryAdd(name, values); }
            credential.Skip("credential_info");
            credential.DropRest("our file has nothing of this kind");
        }

        foreach (ForeignMap entry in root.Maps("model_list"))
        {
            ReadEntry(entry);
            entry.DropRest("our file has nothing of this kind");
        }
    }

    private void ReadEntry(ForeignMap entry)
    {
        string? group = entry.Text("model_name");
        if (group is null || entry.Map("litellm_params") is not { } parameters)
        {
            entry.Note(group is null ? "model_name" : "litellm_params", "without it there is nothing to carry over");
            return;
        }

        ForeignMap? info = entry.Map("model_info");
        if (parameters.Text("litellm_credential_name") is { } credential)
        {
            if (_credentials.TryGetValue(credential, out ForeignMap? values)) { parameters.Adopt(values); }
            else { parameters.Note("litellm_credential_name", "it is not in the credential list; LiteLLM may have it in its database"); }
        }

        ReadDeployment(entry, parameters, info, group);
        parameters.Skip("mock_response");
        foreach (string name in Parameters) { parameters.Drop(name, NoDefaults); }
        parameters.DropRest("our file has nothing of this kind");
        if (info is null) { return; }
        if (info.Text("mode") is { } mode && !ModesServed.Contains(mode)) { info.Note("mode", "messages, chat, responses and embeddings are served, and nothing else"); }
        info.Skip("id", "mode", "max_input_tokens", "litellm_provider", "description", "metadata");
        foreach (string name in info.Names.Where(n => n.StartsWith("supports_", StringComparison.Ordinal)).ToArray()) { info.Skip(name); }
        info.Drop("base_model", "prices go by the name that the provider knows the model by; give that name prices under models: if they differ");
        info.DropRest("our file has nothing of this kind");
    }

    private void ReadDeployment(ForeignMap entry, ForeignMap parameters, ForeignMap? info, string group)
    {
        if (parameters.Text("model") is not { Length: > 0 } full)
        {
            parameters.Note("model", "without it there is nothing to carry over");
            return;
        }

        if (VendorOf(parameters, full) is not { } found)
        {
            parameters.Skip("api_key", "api_base", "base_url", "api_version");
            return;
        }

        (Vendor vendor, string model) = found;
        if (ProviderOf(parameters, vendor, ref model) is not { } provider) { return; }
        var deployment = new LiteLlmDeployment(group, "", model)
        {
            Weight = parameters.Number("weight"),
            RequestsPerMinute = parameters.Number("rpm") ?? entry.Number("rpm"),
            TokensPerMinute = parameters.Number("tpm") ?? entry.Number("tpm"),
            Order = (int)Math.Min(parameters.Number("order") ?? 1, 1_000),
            Retries = parameters.Number("num_retries") ?? parameters.Number("max_retries"),
            Region = RegionOf(parameters),
            TimeoutSeconds = parameters.Number("timeout") ?? parameters.Number("request_timeout"),
        };
        parameters.Drop("stream_timeout", "attempt-timeout of the route is how long the first byte may take, streamed or not; other times are not told apart");
        parameters.Drop("organization", "the organisation's header is not sent; use a key of that organisation");
        AddPrice(model, parameters, info);
        Add(parameters, deployment, vendor, () => providers.NameOf(provider));
    }

    private static string? RegionOf(ForeignMap parameters)
    {
        if (parameters.Text("region_name") is not { } region || Kinds.Name.Read(region, out _) is null) { return parameters.Text("region_name"); }
        parameters.Note("region_name", "this is not a name that a region can have here; write region: at the target");
        return null;
    }

    private static (Vendor Vendor, string Model)? VendorOf(ForeignMap parameters, string full)
    {
        int slash = full.IndexOf('/', StringComparison.Ordinal);
        if (parameters.Text("custom_llm_provider") is { } custom && Vendor.Find(custom) is { } told)
        {
            bool repeated = slash > 0 && Vendor.Find(full[..slash]) == told;
            return (told, repeated ? full[(slash + 1)..] : full);
        }

        if (slash > 0 && Vendor.Find(full[..slash]) is { } vendor) { return (vendor, full[(slash + 1)..]); }
        if (full == "*")
        {
            parameters.Note("model", "LiteLLM finds the provider by the name that is asked for; here names without a route of their own go to OpenAI, so add a route for others");
            return (Vendor.Find("openai")!, full);
        }

        if (Vendor.OfModel(full) is { } known) { return (known, full); }
        parameters.Note("model", "this does not name a provider that Gigawatt can call; if it speaks OpenAI's API, add it by hand as kind: openai with its url");
        return null;
    }

    private DraftProvider? ProviderOf(ForeignMap parameters, Vendor vendor, ref string model)
    {
        var provider = new DraftProvider(vendor);
        switch (vendor.Kind)
        {
            case "bedrock":
                foreach (string start in (ReadOnlySpan<string>)["converse/", "invoke/"])
                {
                    if (model.StartsWith(start, StringComparison.Ordinal)) { model = model[start.Length..]; }
                }

                if (!model.Contains("anthropic.", StringComparison.Ordinal) && !model.Contains("claude", StringComparison.Ordinal)) { return NotClaude(parameters); }
                foreach (string name in (ReadOnlySpan<string>)["aws_access_key_id", "aws_secret_access_key", "aws_session_token"])
                {
                    parameters.Drop(name, "credentials are those of the machine: AWS's own environment variables, profile or role");
                }

                parameters.Drop("aws_role_name", "roles are taken from AWS's own configuration; name its profile with profile");
                return provider with { Region = providers.Plain(parameters, "aws_region_name"), Profile = providers.Plain(parameters, "aws_profile_name") };
            case "vertex":
                if (!model.StartsWith("claude", StringComparison.Ordinal)) { return NotClaude(parameters); }
                return provider with
                {
                    Project = providers.Plain(parameters, "vertex_project"),
                    Location = providers.Plain(parameters, "vertex_location"),
                    KeyFile = CredentialsFile(parameters),
                };
            case "azure-openai":
                string? version = providers.Plain(parameters, "api_version");
                provider = provider with { ApiVersion = version is null or "latest" or "preview" or "v1" ? null : version };
                foreach (string name in (ReadOnlySpan<string>)["tenant_id", "client_id", "client_secret", "azure_ad_token"])
                {
                    parameters.Drop(name, "without key-env the provider asks Entra ID with the machine's own credentials (AZURE_TENANT_ID, AZURE_CLIENT_ID and so on)");
                }

                break;
            case "foundry":
                parameters.Skip("api_version");
                break;
        }

        string field = !parameters.Has("api_base") && parameters.Has("base_url") ? "base_url" : "api_base";
        if (!parameters.Has("api_key") && parameters.Has(field) && vendor.Name is "openai" or "anthropic")
        {
            parameters.Note(field, $"LiteLLM sends the key of {vendor.KeyVariable} to this address; if that is meant, write key-env: {vendor.KeyVariable} into the new file");
        }
        else { provider = provider with { KeyVariable = providers.KeyVariable(parameters, "api_key", vendor) }; }

        if (vendor.Kind is "azure-openai" or "foundry" && !parameters.Has(field))
        {
            parameters.Note(field, "without it LiteLLM takes the address from its environment; write it into the new file");
            return provider with { Url = $"https://{vendor.Name}.invalid" };
        }

        return providers.At(provider, parameters, field);
    }

    private static DraftProvider? NotClaude(ForeignMap parameters)
    {
        parameters.Note("model", "of this cloud only Claude models can be called; the deployment is left out");
        parameters.Skip("aws_region_name", "aws_profile_name", "aws_access_key_id", "aws_secret_access_key", "vertex_project", "vertex_location", "vertex_credentials");
        return null;
    }

    private string? CredentialsFile(ForeignMap parameters)
    {
        if (parameters.Text("vertex_credentials") is not { Length: > 0 } text) { return null; }
        if (text.TrimStart().StartsWith('{'))
        {
            parameters.Note("vertex_credentials", "the service account itself stands in the file and is not copied; save it to a file and name that with key-file");
            return null;
        }

        return providers.Plain(parameters, "vertex_credentials");
    }

    private void AddPrice(string model, ForeignMap parameters, ForeignMap? info)
    {
        decimal? Million(string name) => (parameters.Number(name) ?? info?.Number(name)) * 1_000_000;
        decimal? tokens = info?.Number("max_output_tokens") ?? info?.Number("max_tokens");
        var price = new DraftPrice(model)
        {
            Input = Million("input_cost_per_token"),
            Output = Million("output_cost_per_token"),
            CacheRead = Million("cache_read_input_token_cost"),
            CacheWrite = Million("cache_creation_input_token_cost"),
            MaxOutputTokens = tokens is >= 1 and <= 10_000_000 ? (int)tokens : null,
        };
        if (price == new DraftPrice(model) || draft.Prices.Exists(p => p.Name == model)) { return; }
        draft.Prices.Add(price);
    }

    private void Add(ForeignMap parameters, LiteLlmDeployment deployment, Vendor vendor, Func<string> name)
    {
        string group = deployment.Group, model = deployment.Model!;
        bool isPattern = model.EndsWith('*') || group.EndsWith('*');
        if (!isPattern && IsModel(group) && IsModel(model))
        {
            Deployments.Add(deployment with { Provider = name(), Model = model == group ? null : model });
        }
        else if (isPattern && group == model && IsModel(group[..^1] + "x"))
        {
            Deployments.Add(deployment with { Provider = name(), Model = null });
        }
        else if (isPattern && IsPrefixed(group, model))
        {
            // Their clients write the provider before the model's name, and LiteLLM takes it off again.
            string[] patterns = model == "*" ? vendor.Models : [model];
            parameters.Note("model", patterns.Length == 0
                ? "names with the provider before a slash are passed on as they are, and these models cannot be told by how their names start; add a route for each model"
                : $"names are passed on as they are, without a provider before a slash; clients ask for {string.Join(", ", patterns)}");
            foreach (string pattern in patterns) { Deployments.Add(deployment with { Group = pattern, Provider = name(), Model = null }); }
        }
        else
        {
            parameters.Note("model", isPattern
                ? "a route's pattern cannot change how a name starts; add a route for each model"
                : "a model's name here has no spaces, and a * only at its end; add the route by hand");
        }
    }

    private static bool IsPrefixed(string group, string model) =>
        group.IndexOf('/', StringComparison.Ordinal) is var slash and > 0 && Vendor.Find(group[..slash]) is not null && group[(slash + 1)..] == model;

    private static bool IsModel(string text) => text.Length is > 0 and <= 200 && !text.Any(static c => c is <= ' ' or > '~' or '*');
}
