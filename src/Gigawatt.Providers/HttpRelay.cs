using System.Net;
using System.Net.Http.Headers;
using System.Net.Security;
using System.Runtime.CompilerServices;
using System.Security.Authentication;
using System.Security.Cryptography.X509Certificates;
using System.Text;

namespace Gigawatt.Providers;

/// <summary>Sends bytes to one provider over HTTP and hands the answer's bytes back as they come.</summary>
/// <remarks>The handler is used without <see cref="HttpClient"/>, which would buffer and add a timeout of its own. It follows no
/// redirect, keeps no cookie, uses no proxy, decompresses nothing and adds no tracing header: what the client sent is what
/// the provider gets, but for the credentials.</remarks>
public sealed class HttpRelay : IDisposable
{
    private readonly string _provider;
    private readonly HttpProviderOptions _options;
    private readonly HttpMessageInvoker _invoker;

    /// <summary>For the provider of this name, which error messages begin with.</summary>
    /// <exception cref="ArgumentException">The base URL is not absolute, not http or https, or has a query, a fragment or credentials in it.</exception>
    public HttpRelay(string provider, HttpProviderOptions options)
    {
        Uri url = options.BaseUrl;
        if (!url.IsAbsoluteUri || (url.Scheme != Uri.UriSchemeHttp && url.Scheme != Uri.UriSchemeHttps)
            || url.Query.Length + url.Fragment.Length + url.UserInfo.Length > 0)
        {
            throw new ArgumentException($"{provider}: the base URL must be an absolute http or https address without query, fragment or credentials.", nameof(options));
        }

        _provider = provider;
        _options = options;
        BaseUrl = url.AbsoluteUri.TrimEnd('/');
        _invoker = new(NewHandler(options), disposeHandler: true);
    }

    /// <summary>The configured address without a slash at its end.</summary>
    public string BaseUrl { get; }

    /// <summary>Sends one call and returns when the head of the answer is there.</summary>
    /// <param name="method">The HTTP method.</param>
    /// <param name="url">The whole address.</param>
    /// <param name="body">The body as it goes out, or null for none.</param>
    /// <param name="headers">The headers to send; those that may not be forwarded are left out here too.</param>
    /// <param name="credential">The header that carries the provider's key, or null.</param>
    /// <param name="cancellationToken">Closes the connection to the provider.</param>
    /// <exception cref="ProviderException">No answer could be had.</exception>
    public ValueTask<ProviderAnswer> SendAsync(
        HttpMethod method,
        Uri url,
        ReadOnlyMemory<byte>? body,
        IReadOnlyList<KeyValuePair<string, string>> headers,
        KeyValuePair<string, string>? credential,
        CancellationToken cancellationToken) =>
        SendAsync(NewRequest(method, url, body, headers, credential), cancellationToken);

    /// <summary>The same, with headers of the provider's own, which are not looked at.</summary>
    internal ValueTask<ProviderAnswer> SendAsync(
        HttpMethod method,
        Uri url,
        ReadOnlyMemory<byte>? body,
        IReadOnlyList<KeyValuePair<string, string>> headers,
        IReadOnlyList<KeyValuePair<string, string>> own,
        CancellationToken cancellationToken)
    {
        HttpRequestMessage request = NewRequest(method, url, body, headers, credential: null);
        foreach ((string name, string value) in own)
        {
            if (!request.Headers.TryAddWithoutValidation(name, value)) { request.Content?.Headers.TryAddWithoutValidation(name, value); }
        }

        return SendAsync(request, cancellationToken);
    }

    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    private async ValueTask<ProviderAnswer> SendAsync(HttpRequestMessage call, CancellationToken cancellationToken)
    {
        using HttpRequestMessage request = call;
        using HeadTimer timer = HeadTimer.Start(_options, cancellationToken);
        try
        {
            HttpResponseMessage response = await _invoker.SendAsync(request, timer.Token);
            if ((int)response.StatusCode is >= 300 and < 400)
            {
                // Neither followed nor passed on: a client that followed it would show its key to whoever is there.
                response.Dispose();
                throw new ProviderException($"{_provider} answered with a redirect ({(int)response.StatusCode}), which is not followed; its url is to be where it ends.", timedOut: false);
            }

            // The handler's stream is there at once; the token given here does not reach its reads.
            Stream stream = response.Content.ReadAsStream(CancellationToken.None);
            return new((int)response.StatusCode, RelayedHeaders(response), new RelayedBody(stream, response, _options.IdleTimeout, _options.Time));
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            throw;
        }
        catch (OperationCanceledException e) when (timer.Token.IsCancellationRequested)
        {
            throw new ProviderException($"{_provider} did not begin to answer within {_options.HeadTimeout.TotalSeconds:0.###} s.", timedOut: true, e);
        }
        catch (OperationCanceledException e)
        {
            throw new ProviderException($"{_provider} could not be connected to within {_options.ConnectTimeout.TotalSeconds:0.###} s.", timedOut: true, e);
        }
        catch (HttpRequestException e) when (e.GetBaseException() is RefusedAddressException refused)
        {
            throw new ProviderException($"{_provider} is not called: {refused.Message}", timedOut: false, e);
        }
        catch (HttpRequestException e)
        {
            throw new ProviderException($"{_provider} could not be reached: {Why(e)}", timedOut: false, e);
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _invoker.Dispose();

    private static SocketsHttpHandler NewHandler(HttpProviderOptions options) => new()
    {
        SslOptions = Tls(options),
        AllowAutoRedirect = false,
        AutomaticDecompression = DecompressionMethods.None,
        ActivityHeadersPropagator = null,
        ConnectCallback = new AddressGuard(options).ConnectAsync,
        ConnectTimeout = options.ConnectTimeout,
        PooledConnectionLifetime = TimeSpan.FromMinutes(5), // DNS may move the provider.
        // An answer that nobody wants any more must stop at once: every further token is paid for.
        MaxResponseDrainSize = 0,
        RequestHeaderEncodingSelector = static (_, _) => Encoding.UTF8,
        UseCookies = false,
        UseProxy = false,
    };

    private static SslClientAuthenticationOptions Tls(HttpProviderOptions options)
    {
        var tls = new SslClientAuthenticationOptions { EnabledSslProtocols = SslProtocols.Tls12 | SslProtocols.Tls13, ClientCertificateContext = options.ClientCertificate };
        if (options.Authorities is { } authorities)
        {
            tls.CertificateChainPolicy = new X509ChainPolicy { TrustMode = X509ChainTrustMode.CustomRootTrust, RevocationMode = X509RevocationMode.NoCheck };
            tls.CertificateChainPolicy.CustomTrustStore.AddRange(authorities);
        }

        return tls;
    }

    private static HttpRequestMessage NewRequest(
        HttpMethod method,
        Uri url,
        ReadOnlyMemory<byte>? body,
        IReadOnlyList<KeyValuePair<string, string>> headers,
        KeyValuePair<string, string>? credential)
    {
        // HTTP/1.1: each call in flight has a connection to itself, so that one slow stream never holds the window of another.
        HttpRequestMessage request = new(method, url) { Version = HttpVersion.Version11 };
        if (body is { } bytes) { request.Content = new ReadOnlyMemoryContent(bytes); }
        for (int i = 0; i < headers.Count; i++)
        {
            (string name, string value) = headers[i];
            if (!ForwardableHeaders.MayForward(name)) { continue; }
            // Headers that describe the body, such as Content-Type, belong to it in this API.
            if (!request.Headers.TryAddWithoutValidation(name, value)) { request.Content?.Headers.TryAddWithoutValidation(name, value); }
        }

        if (credential is { } key) { request.Headers.TryAddWithoutValidation(key.Key, key.Value); }
        return request;
    }

    private static List<KeyValuePair<string, string>> RelayedHeaders(HttpResponseMessage response)
    {
        HttpHeadersNonValidated head = response.Headers.NonValidated;
        string? connection = head.TryGetValues("Connection", out HeaderStringValues listed) ? listed.ToString() : null;
        HttpHeadersNonValidated ofBody = response.Content.Headers.NonValidated;
        List<KeyValuePair<string, string>> relayed = new(head.Count + ofBody.Count);
        Add(head);
        Add(ofBody);
        return relayed;

        void Add(HttpHeadersNonValidated headers)
        {
            foreach (KeyValuePair<string, HeaderStringValues> header in headers)
            {
                if (!ForwardableHeaders.MayRelay(header.Key, connection)) { continue; }
                // What HTTP does not let this server say would make an error of a good answer.
                foreach (string value in header.Value)
                {
                    if (!value.AsSpan().ContainsAnyExceptInRange(' ', '~')) { relayed.Add(new(header.Key, value)); }
                }
            }
        }
    }

    private static string Why(HttpRequestException e) => e.HttpRequestError switch
    {
        HttpRequestError.NameResolutionError => "its name could not be resolved.",
        HttpRequestError.ConnectionError => $"the connection failed ({Innermost(e)}).",
        HttpRequestError.SecureConnectionError => $"TLS failed ({Innermost(e)}).",
        HttpRequestError.ResponseEnded => "it closed the connection before its answer's head was complete.",
        HttpRequestError.InvalidResponse => "its answer is not HTTP.",
        _ => Innermost(e),
    };

    private static string Innermost(Exception e) => e.GetBaseException().Message.TrimEnd('.');
}
