using System.Globalization;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Net.Security;
using System.Security.Cryptography;
using System.Text;
using Gigawatt.Cli.Terminal;
using Gigawatt.Server.Hosting;

namespace Gigawatt.Cli.Connection;

/// <summary>Speaks the control API of one server. Failures are values that say what to do.</summary>
internal sealed partial class ControlClient : IDisposable
{
    /// <summary>How long an answer may take beyond what a call itself asks for.</summary>
    private static readonly TimeSpan AnswerTime = TimeSpan.FromSeconds(30);

    private readonly ServerLocation _server;
    private readonly TimeProvider _time;
    private readonly HttpClient _http;

    public ControlClient(ServerLocation server, TimeProvider time)
    {
        (_server, _time) = (server, time);

        // A proxy of the environment has no business between us and a server on this machine.
        var handler = new SocketsHttpHandler { UseProxy = !server.Url.IsLoopback, ConnectTimeout = TimeSpan.FromSeconds(10) };
        if (server.CertificateHash is { } hash)
        {
            handler.SslOptions.RemoteCertificateValidationCallback = (_, certificate, _, errors) =>
                errors == SslPolicyErrors.None || certificate?.GetCertHashString(HashAlgorithmName.SHA256) == hash;
        }

        _http = new HttpClient(handler) { BaseAddress = server.Url, Timeout = Timeout.InfiniteTimeSpan };
        _http.DefaultRequestHeaders.UserAgent.Add(new ProductInfoHeaderValue("gw", Product.Version));
        if (server.Credential is { } credential) { _http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", credential); }
    }

    public Task<Answer<T>> GetAsync<T>(string path, CancellationToken cancellationToken) where T : class =>
        SendAsync<T>(() => new HttpRequestMessage(HttpMethod.Get, path), AnswerTime, cancellationToken);

    public Task<Answer<T>> PostAsync<T>(string path, CancellationToken cancellationToken) where T : class =>
        SendAsync<T>(() => new HttpRequestMessage(HttpMethod.Post, path), AnswerTime, cancellationToken);

    /// <summary>One request, one answer.</summary>
    private async Task<Answer<T>> SendAsync<T>(Func<HttpRequestMessage> makeRequest, TimeSpan patience, CancellationToken cancellationToken) where T : class
    {
        using var timeout = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        timeout.CancelAfter(patience);
        try
        {
            using HttpRequestMessage request = makeRequest();
            using HttpResponseMessage response = await _http.SendAsync(request, timeout.Token);
            return await ReadAsync<T>(response, timeout.Token);
        }
        catch (HttpRequestException e)
        {
            return Unreachable(e);
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            return new CliFailure(ExitCodes.NotReachable, $"The Gigawatt server at {_server.Name} did not answer within {Words.Span(patience)}.");
        }
    }

    private async Task<Answer<T>> ReadAsync<T>(HttpResponseMessage response, CancellationToken cancellationToken) where T : class
    {
        if (!response.IsSuccessStatusCode) { return await FailureOfAsync(response, cancellationToken); }
        return await ReadJsonAsync<T>(response, cancellationToken) is { } value ? value : NotGigawatt(response);
    }

    /// <summary>Null when the body is not the expected document.</summary>
    private static async Task<T?> ReadJsonAsync<T>(HttpResponseMessage response, CancellationToken cancellationToken) where T : class
    {
        if (response.Content.Headers.ContentType?.MediaType is not "application/json") { return null; }
        try
        {
            return await response.Content.ReadFromJsonAsync(ControlDocument.TypeOf<T>(), cancellationToken);
        }
        catch (System.Text.Json.JsonException)
        {
            return null;
        }
    }

    private static string Query(params (string Name, string? Value)[] parameters)
    {
        var query = new StringBuilder();
        foreach ((string name, string? value) in parameters)
        {
            if (value is not null) { query.Append(query.Length == 0 ? '?' : '&').Append(name).Append('=').Append(Uri.EscapeDataString(value)); }
        }

        return query.ToString();
    }

    private static string Text(long number) => number.ToString(CultureInfo.InvariantCulture);

    public void Dispose() => _http.Dispose();
}
