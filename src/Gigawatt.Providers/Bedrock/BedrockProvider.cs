using Gigawatt.Models;
using Gigawatt.Wire;
using Gigawatt.Wire.Bedrock;

namespace Gigawatt.Providers.Bedrock;

/// <summary>Claude on Amazon Bedrock: the client's bytes but for the fields that Bedrock wants elsewhere, signed with AWS's keys; its
/// event stream becomes server-sent events, its errors become Anthropic's.</summary>
/// <remarks>docs.aws.amazon.com/bedrock, "InvokeModel", "InvokeModelWithResponseStream" and "CountTokens".</remarks>
public sealed class BedrockProvider : HttpProvider
{
    private readonly string _scope;
    private readonly KeyHeader? _key;
    private readonly IAwsKeySource _keys;

    /// <summary>With the name it goes by. A key is one of Bedrock's own and goes out as <c>Authorization: Bearer</c>; without one, calls are
    /// signed with the keys that AWS's library finds on this machine.</summary>
    /// <param name="name">Its name.</param>
    /// <param name="region">AWS's region, such as <c>us-east-1</c>.</param>
    /// <param name="options">Where it is.</param>
    /// <param name="profile">The profile of the AWS configuration files; null is AWS's own order of credentials.</param>
    /// <exception cref="ArgumentException">The base URL cannot be used.</exception>
    public BedrockProvider(string name, string region, HttpProviderOptions options, string? profile = null) : this(name, region, options, new AwsSdkKeys(profile)) { }

    internal BedrockProvider(string name, string region, HttpProviderOptions options, IAwsKeySource keys) : base(name, options, Dialect.Anthropic, Dialect.CountTokens)
    {
        _scope = $"{region}/bedrock";
        _keys = keys;
        if (!string.IsNullOrEmpty(options.ApiKey) || options.ApiKeyFile is not null) { _key = new("Authorization", "Bearer ", options); }
    }

    /// <summary>The public address of a region.</summary>
    public static Uri AddressOf(string region) =>
        new($"https://bedrock-runtime.{region}.amazonaws.com{(region.StartsWith("cn-", StringComparison.Ordinal) ? ".cn" : "")}");

    /// <inheritdoc/>
    public override async ValueTask<ProviderAnswer> SendAsync(ProviderCall call, CancellationToken cancellationToken)
    {
        IEnumerable<string> betas = call.Headers.Where(static header => header.Key.Equals("anthropic-beta", StringComparison.OrdinalIgnoreCase)).Select(static header => header.Value);
        (string operation, string model, byte[] body) = call.Dialect switch
        {
            Dialect.Anthropic => (call.Stream ? "invoke-with-response-stream" : "invoke", call.Model, BedrockBody.ForInvoke(call.Body.Span, betas)),
            Dialect.CountTokens => ("count-tokens", BedrockBody.ModelForCounting(call.Model), BedrockBody.ForCounting(call.Body.Span, betas)),
            _ => throw NotAnswered(call.Dialect),
        };
        Uri url = new($"{Relay.BaseUrl}/model/{UrlSegment.Of(model)}/{operation}");
        List<KeyValuePair<string, string>> own = await CredentialsAsync(url, body);
        own.Add(new("Accept", call.Dialect == Dialect.Anthropic && call.Stream ? "application/vnd.amazon.eventstream" : "application/json"));
        cancellationToken.ThrowIfCancellationRequested();
        ProviderAnswer answer = await Relay.SendAsync(HttpMethod.Post, url, body, [.. call.Headers.Where(static header => GoesOn(header.Key))], own, cancellationToken);
        return await ConvertAsync(call, answer, cancellationToken);
    }

    /// <summary>Null: AWS lists what it sells, which is not what an account may call.</summary>
    public override Task<IReadOnlyList<ProviderModel>?> ListModelsAsync(CancellationToken cancellationToken) => Task.FromResult<IReadOnlyList<ProviderModel>?>(null);

    // Version and betas are in the body. Headers of AWS would be taken for the server's own words: a tenant could change how its calls are billed.
    private static bool GoesOn(string header) =>
        !header.StartsWith("x-amz", StringComparison.OrdinalIgnoreCase)
        && !header.StartsWith("anthropic-", StringComparison.OrdinalIgnoreCase)
        && !header.Equals("Accept", StringComparison.OrdinalIgnoreCase)
        && !header.StartsWith("Content-", StringComparison.OrdinalIgnoreCase);

    private async ValueTask<List<KeyValuePair<string, string>>> CredentialsAsync(Uri url, byte[] body)
    {
        KeyValuePair<string, string> contentType = new("Content-Type", "application/json");
        if (_key is not null) { return _key.Current is { } bearer ? [contentType, bearer] : [contentType]; }
        AwsKeys keys;
        try { keys = await _keys.GetAsync(); }
        catch (Exception e)
        {
            throw new ProviderException($"{Name} is not called: no AWS credentials could be had ({e.Message.Split('\n')[0].Trim().TrimEnd('.')})", timedOut: false, e);
        }

        string date = SigV4.Date(Options.Time.GetUtcNow());
        List<KeyValuePair<string, string>> signed = [new("content-type", contentType.Value), new("host", url.Authority), new("x-amz-date", date)];
        if (!string.IsNullOrEmpty(keys.Token)) { signed.Add(new("x-amz-security-token", keys.Token)); }
        string authorization = SigV4.Authorization(keys.AccessKey, keys.SecretKey, _scope, "POST", url.AbsolutePath, [], signed, body);
        return [.. signed.Where(static header => header.Key != "host"), new("Authorization", authorization)];
    }

    private async ValueTask<ProviderAnswer> ConvertAsync(ProviderCall call, ProviderAnswer answer, CancellationToken cancellationToken)
    {
        string requestId = ErrorAnswers.Header(answer, "x-amzn-requestid") ?? "";
        if (answer.Status >= 400)
        {
            byte[] body = await ErrorAnswers.ReadAsync(Name, answer, cancellationToken);
            if (CloudErrors.IsAnthropic(body)) { return answer with { Body = new WholeBody(body) }; }
            return ErrorAnswers.Of(answer, BedrockErrors.Read(answer.Status, ErrorAnswers.Header(answer, "x-amzn-errortype"), body), requestId);
        }

        if (call.Dialect == Dialect.CountTokens)
        {
            byte[] body = await ErrorAnswers.ReadAsync(Name, answer, cancellationToken);
            return BedrockErrors.Count(body) is { } count
                ? WholeBody.Instead(answer, answer.Status, count)
                : throw new ProviderException($"{Name} answered a count of tokens without one.", timedOut: false);
        }

        bool framed = ErrorAnswers.Header(answer, "content-type")?.StartsWith("application/vnd.amazon.eventstream", StringComparison.OrdinalIgnoreCase) == true;
        return framed
            ? new(answer.Status, WholeBody.Headers(answer, "text/event-stream; charset=utf-8", length: null), new BedrockStream(answer.Body, requestId))
            : answer;
    }
}
