using Gigawatt.Models;
using Gigawatt.Providers.Credentials;
using Gigawatt.Wire;

namespace Gigawatt.Providers.Vertex;

/// <summary>Claude on Google Vertex AI: the client's bytes but for the model, which is in the address, and the version, which is in the body.</summary>
/// <remarks>cloud.google.com/vertex-ai, "Request predictions with Claude models" and "Count tokens for Claude models".</remarks>
public sealed class VertexProvider : HttpProvider
{
    private readonly TokenCache _tokens;
    private readonly string _models;

    /// <summary>With the name it goes by, and where it is.</summary>
    /// <param name="name">Its name.</param>
    /// <param name="project">The project that is billed.</param>
    /// <param name="location">Such as <c>us-east5</c> or <c>global</c>.</param>
    /// <param name="options">Where it is; its key is not used.</param>
    /// <param name="keyFile">The file of a service account; null is the application default credentials.</param>
    /// <exception cref="ArgumentException">The base URL cannot be used.</exception>
    public VertexProvider(string name, string project, string location, HttpProviderOptions options, string? keyFile = null)
        : this(name, project, location, options, GoogleTokens.From(keyFile, options.Time))
    {
    }

    internal VertexProvider(string name, string project, string location, HttpProviderOptions options, ITokenSource tokens)
        : base(name, options, Dialect.Anthropic, Dialect.CountTokens)
    {
        _tokens = new(name, tokens, options.Time);
        _models = $"{Relay.BaseUrl}/v1/projects/{project}/locations/{location}/publishers/anthropic/models/";
    }

    /// <summary>The public address of a location: regions, the two continents, and the whole world have different forms.</summary>
    public static Uri AddressOf(string location) => new(location switch
    {
        "global" => "https://aiplatform.googleapis.com",
        "us" or "eu" => $"https://aiplatform.{location}.rep.googleapis.com",
        _ => $"https://{location}-aiplatform.googleapis.com",
    });

    /// <inheritdoc/>
    public override async ValueTask<ProviderAnswer> SendAsync(ProviderCall call, CancellationToken cancellationToken)
    {
        ReadOnlySpan<string> removed = call.Dialect == Dialect.CountTokens ? ["anthropic_version"] : ["model", "anthropic_version"];
        string method = call.Dialect switch
        {
            Dialect.Anthropic => $"{ModelSegment(call.Model)}:{(call.Stream ? "streamRawPredict" : "rawPredict")}",
            Dialect.CountTokens => "count-tokens:rawPredict",
            _ => throw NotAnswered(call.Dialect),
        };
        byte[] body = TopLevelSplice.Apply(call.Body.Span, "\"anthropic_version\":\"vertex-2023-10-16\""u8, removed);
        KeyValuePair<string, string> token = await _tokens.GetAsync(cancellationToken);
        KeyValuePair<string, string>[] headers = [.. call.Headers.Where(static header => GoesOn(header.Key))];
        ProviderAnswer answer = await Relay.SendAsync(HttpMethod.Post, new(_models + method), body, headers, token, cancellationToken);
        if (answer.Status == 401) { _tokens.Forget(token); }
        // Anthropic's errors go on as they are; Google's own are put in form.
        return answer.Status >= 400 ? await ErrorAnswers.AsAnthropicAsync(Name, answer, cancellationToken) : answer;
    }

    /// <summary>Null: Google lists what it sells, which is not what a project may call.</summary>
    public override Task<IReadOnlyList<ProviderModel>?> ListModelsAsync(CancellationToken cancellationToken) => Task.FromResult<IReadOnlyList<ProviderModel>?>(null);

    /// <inheritdoc/>
    public override void Dispose()
    {
        _tokens.Dispose();
        base.Dispose();
    }

    // Versions of models stand behind an at sign, which Google's own examples leave as it is.
    private static string ModelSegment(string model) => UrlSegment.Of(model).Replace("%40", "@", StringComparison.Ordinal);

    // The version is in the body; betas stay a header. Google's headers could say whose project is billed.
    private static bool GoesOn(string header) =>
        !header.StartsWith("x-goog-", StringComparison.OrdinalIgnoreCase) && !header.Equals("anthropic-version", StringComparison.OrdinalIgnoreCase);
}
