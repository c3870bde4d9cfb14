using Gigawatt.Models;
using Gigawatt.Providers.Credentials;
using Gigawatt.Providers.OpenAI;

namespace Gigawatt.Providers.Azure;

/// <summary>Microsoft Foundry: Claude at <c>/anthropic/v1</c>, other models in OpenAI's format at <c>/openai/v1</c>. Models are named
/// by their deployments.</summary>
/// <remarks>learn.microsoft.com, "Deploy and use Claude models in Microsoft Foundry" and "Azure OpenAI v1 API".</remarks>
public sealed class FoundryProvider : HttpProvider
{
    /// <summary>What Entra ID is asked for unless configured otherwise.</summary>
    public const string DefaultTokenScope = "https://ai.azure.com/.default";

    private readonly AzureCredential _credential;
    private readonly OpenAIPaths _openAI;
    private readonly Uri _messages;
    private readonly Uri _countTokens;

    /// <summary>With the name it goes by, and where it is: <c>https://RESOURCE.services.ai.azure.com</c>. Without a key it is called
    /// with the identity of this machine.</summary>
    /// <param name="name">Its name.</param>
    /// <param name="options">Where it is.</param>
    /// <param name="tokenScope">What Entra ID is asked for.</param>
    /// <exception cref="ArgumentException">The base URL cannot be used.</exception>
    public FoundryProvider(string name, HttpProviderOptions options, string? tokenScope = null) : this(name, options, new EntraTokens(tokenScope ?? DefaultTokenScope)) { }

    internal FoundryProvider(string name, HttpProviderOptions options, ITokenSource tokens)
        : base(name, options, Dialect.Anthropic, Dialect.CountTokens, Dialect.OpenAI, Dialect.Responses, Dialect.Embeddings)
    {
        _credential = new(name, options, tokens);
        _openAI = new($"{Relay.BaseUrl}/openai/v1");
        _messages = new($"{Relay.BaseUrl}/anthropic/v1/messages");
        _countTokens = new($"{Relay.BaseUrl}/anthropic/v1/messages/count_tokens");
    }

    /// <inheritdoc/>
    public override async ValueTask<ProviderAnswer> SendAsync(ProviderCall call, CancellationToken cancellationToken)
    {
        // Queries of OpenAI's format are versions of Azure's API that the client was written for; this is the one without versions.
        Uri url = call.Dialect switch
        {
            Dialect.Anthropic => WithQuery(_messages, call.Query),
            Dialect.CountTokens => WithQuery(_countTokens, call.Query),
            _ => _openAI.Of(call.Dialect) ?? throw NotAnswered(call.Dialect),
        };
        ProviderAnswer answer = await _credential.SendAsync(Relay, url, call, cancellationToken);
        // Anthropic's errors go on as they are; those of the cloud around it, such as for a deployment that is not there, are put in form.
        return answer.Status >= 400 && call.Dialect.IsAnthropic() ? await ErrorAnswers.AsAnthropicAsync(Name, answer, cancellationToken) : answer;
    }

    /// <summary>Null: which deployments there are is told to administrators only.</summary>
    public override Task<IReadOnlyList<ProviderModel>?> ListModelsAsync(CancellationToken cancellationToken) => Task.FromResult<IReadOnlyList<ProviderModel>?>(null);

    /// <inheritdoc/>
    public override void Dispose()
    {
        _credential.Dispose();
        base.Dispose();
    }

    private static Uri WithQuery(Uri url, string query) => query.Length == 0 ? url : new(url.AbsoluteUri + query);
}
