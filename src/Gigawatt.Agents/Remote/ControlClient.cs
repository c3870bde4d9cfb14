using System.Globalization;
using System.Net;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Net.Sockets;
using System.Text.Json.Serialization.Metadata;
using Gigawatt.Agents.Node;
using Gigawatt.Wire.Control;

namespace Gigawatt.Agents.Remote;

/// <summary>The server refused, and asking again in the same way is of no use.</summary>
public sealed class ServerRefusedException : Exception
{
    /// <summary>With the server's own words.</summary>
    public ServerRefusedException(string message) : base(message)
    {
    }
}

/// <summary>The agent's side of the control API.</summary>
internal sealed class ControlClient(Uri server, string joinToken) : IDisposable
{
    private readonly HttpClient _http = new(new SocketsHttpHandler { UseProxy = false, AllowAutoRedirect = false, ConnectTimeout = TimeSpan.FromSeconds(5) })
    {
        BaseAddress = new Uri(server.AbsoluteUri.TrimEnd('/') + "/"),
        // The server holds a sync for up to ten seconds.
        Timeout = TimeSpan.FromSeconds(25),
    };

    private string _secret = "";

    public async Task<AgentJoined> JoinAsync(AgentJoin join, CancellationToken cancellationToken)
    {
        AgentJoined joined = await PostAsync("join", joinToken, join, ControlJson.Default.AgentJoin, ControlJson.Default.AgentJoined, cancellationToken)
            ?? throw new ServerRefusedException("The server answered a join with 'join again'.");
        _secret = joined.Secret;
        return joined;
    }

    /// <summary>The server's orders, or null when the agent has to join again.</summary>
    public Task<AgentOrders?> SyncAsync(AgentSync sync, CancellationToken cancellationToken) =>
        PostAsync("sync", _secret, sync, ControlJson.Default.AgentSync, ControlJson.Default.AgentOrders, cancellationToken);

    /// <summary>How much of a task's output the server has after this piece; null when it does not want it.</summary>
    public async Task<long?> SendOutputAsync(TaskKey key, long offset, ReadOnlyMemory<byte> piece, CancellationToken cancellationToken)
    {
        using var request = Request($"output/{key}?offset={offset.ToString(CultureInfo.InvariantCulture)}", _secret, new ReadOnlyMemoryContent(piece));
        request.Content!.Headers.ContentType = new MediaTypeHeaderValue("application/octet-stream");
        using HttpResponseMessage response = await _http.SendAsync(request, cancellationToken).ConfigureAwait(false);
        if (!response.IsSuccessStatusCode) { return null; }
        string stored = await response.Content.ReadAsStringAsync(cancellationToken).ConfigureAwait(false);
        return long.Parse(stored, CultureInfo.InvariantCulture);
    }

    /// <summary>The address by which this machine reaches the server: where its peers will find it.</summary>
    public static string OwnAddressTowards(Uri server)
    {
        try
        {
            using var socket = new Socket(SocketType.Dgram, ProtocolType.Udp);
            // Connecting a datagram socket sends nothing; it only chooses the route.
            socket.Connect(server.Host, server.Port);
            IPAddress own = ((IPEndPoint)socket.LocalEndPoint!).Address;
            return (own.IsIPv4MappedToIPv6 ? own.MapToIPv4() : own).ToString();
        }
        catch (SocketException)
        {
            return "127.0.0.1";
        }
    }

    public void Dispose() => _http.Dispose();

    private async Task<TAnswer?> PostAsync<TBody, TAnswer>(
        string path, string token, TBody body, JsonTypeInfo<TBody> bodyType, JsonTypeInfo<TAnswer> answerType, CancellationToken cancellationToken)
        where TAnswer : class
    {
        using HttpRequestMessage request = Request(path, token, JsonContent.Create(body, bodyType));
        using HttpResponseMessage response = await _http.SendAsync(request, cancellationToken).ConfigureAwait(false);
        if (response.IsSuccessStatusCode)
        {
            return await response.Content.ReadFromJsonAsync(answerType, cancellationToken).ConfigureAwait(false);
        }

        ControlErrorBody? error = await ErrorAsync(response, cancellationToken).ConfigureAwait(false);
        if (error?.Code == "join_again") { return null; }
        string message = error?.Message ?? $"{server} answered {(int)response.StatusCode} to {path}.";
        throw (int)response.StatusCode >= 500 ? new HttpRequestException(message) : new ServerRefusedException(message);
    }

    private static async Task<ControlErrorBody?> ErrorAsync(HttpResponseMessage response, CancellationToken cancellationToken)
    {
        try { return (await response.Content.ReadFromJsonAsync(ControlJson.Default.ControlError, cancellationToken).ConfigureAwait(false))?.Error; }
        catch (System.Text.Json.JsonException) { return null; }
    }

    private static HttpRequestMessage Request(string path, string token, HttpContent content)
    {
        var request = new HttpRequestMessage(HttpMethod.Post, new Uri("gigawatt/v1/agents/" + path, UriKind.Relative)) { Content = content };
        request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", token);
        return request;
    }
}
