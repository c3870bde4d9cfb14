using System.Net;
using System.Net.Sockets;
using System.Text;
using Gigawatt.Tests.Support;
using static Gigawatt.Tests.Requests.Samples;

namespace Gigawatt.Tests.Requests;

/// <summary>What somebody would try who has a key, a provider, or neither.</summary>
public sealed class AttackTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(301)]
    [InlineData(307)]
    [InlineData(308)]
    public async Task A_provider_cannot_send_a_client_and_its_key_elsewhere(int status)
    {
        await using var upstream = ScriptedUpstream.Start(UpstreamScript.Send(RawHttp.Answer(status, "Location: https://elsewhere.example/v1/messages\r\n", [])));
        await using Gateway gateway = await Gateway.StartAsync(Gateway.Anthropic(upstream.Url));
        using HttpResponseMessage response = await gateway.PostAsync("/v1/messages", MessagesBody);
        Assert.Equal(HttpStatusCode.BadGateway, response.StatusCode);
        Assert.Null(response.Headers.Location);
        Assert.DoesNotContain("elsewhere", await response.Content.ReadAsStringAsync(Token), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Credentials_and_addresses_of_a_client_end_here_and_those_of_a_provider_too()
    {
        string[] secret = ["cookie", "proxy-authorization", "x-goog-api-key", "ocp-apim-subscription-key", "x-amz-security-token", "x-forwarded-for", "cf-connecting-ip", "x-hop", "x-gigawatt-region"];
        await using var upstream = ScriptedUpstream.Start(UpstreamScript.Send(RawHttp.Answer(200,
            "Content-Type: application/json\r\nSet-Cookie: a=hidden\r\nWWW-Authenticate: hidden\r\nClear-Site-Data: hidden\r\nConnection: x-hop\r\nX-Hop: hidden\r\nX-Gigawatt-Usd: hidden\r\nX-Odd: caf\u00e9 hidden\r\n", Utf8(MessagesAnswer))));
        await using Gateway gateway = await Gateway.StartAsync(Gateway.Anthropic(upstream.Url));
        using HttpResponseMessage response = await gateway.PostAsync("/v1/messages", MessagesBody, [.. secret.Where(s => s != "x-gigawatt-region").Select(s => (s, "hidden")), ("connection", "x-hop")]);
        Assert.Equal((HttpStatusCode.OK, MessagesAnswer), (response.StatusCode, await response.Content.ReadAsStringAsync(Token)));
        Assert.DoesNotContain("hidden", response.Headers + response.Content.Headers.ToString(), StringComparison.Ordinal);
        UpstreamRequest request = Assert.Single(upstream.Requests);
        Assert.DoesNotContain("hidden", request.Head, StringComparison.Ordinal);
        Assert.DoesNotContain(gateway.Key.Secret, request.Head, StringComparison.Ordinal);
    }

    /// <summary>One request that two servers could take for two: whatever this one makes of it, the provider gets one body of one length.</summary>
    [Theory]
    [InlineData("Content-Length: 5\r\nTransfer-Encoding: chunked\r\n", true)]
    [InlineData("Transfer-Encoding: chunked\r\nContent-Length: 5\r\n", true)]
    [InlineData("Content-Length: 5\r\nContent-Length: 6\r\n", false)]
    [InlineData("Transfer-Encoding: chunked, identity\r\n", false)]
    [InlineData("Transfer-Encoding: xchunked\r\nContent-Length: 5\r\n", false)]
    [InlineData("Transfer-Encoding : chunked\r\n", false)]
    [InlineData("Content-Length: +5\r\n", false)]
    public async Task Lengths_that_contradict_each_other_smuggle_nothing(string lengths, bool mayPass)
    {
        await using var upstream = ScriptedUpstream.Start(UpstreamScript.Send(RawHttp.Json(200, MessagesAnswer)));
        await using Gateway gateway = await Gateway.StartAsync(Gateway.Anthropic(upstream.Url));
        string body = StreamBody.Replace("\"stream\":true,", "", StringComparison.Ordinal);
        string smuggled = "POST /v1/messages HTTP/1.1\r\nHost: x\r\nx-api-key: stolen\r\nconnection: close\r\ncontent-length: 2\r\n\r\n{}";
        string text = $"POST /v1/messages HTTP/1.1\r\nHost: x\r\nx-api-key: {gateway.Key.Secret}\r\nanthropic-version: 2023-06-01\r\ncontent-type: application/json\r\n{lengths}\r\n{body.Length:x}\r\n{body}\r\n0\r\n\r\n{smuggled}";
        using var client = new TcpClient();
        await client.ConnectAsync(IPAddress.Loopback, gateway.Url.Port, Token);
        await client.GetStream().WriteAsync(Encoding.ASCII.GetBytes(text), Token);
        string said = await new StreamReader(client.GetStream()).ReadToEndAsync(Token);
        // The second one is another request of the same client, with a key that is not known.
        Assert.DoesNotContain("HTTP/1.1 200 OK", said[Math.Min(said.Length, said.IndexOf("msg_1", StringComparison.Ordinal) + 1)..], StringComparison.Ordinal);
        Assert.All(upstream.Requests, request =>
        {
            Assert.Equal(body, Encoding.UTF8.GetString(request.Body));
            Assert.Null(request.Header("transfer-encoding"));
        });
        Assert.InRange(upstream.Requests.Count, 0, mayPass ? 1 : 0);
        if (!mayPass) { Assert.StartsWith("HTTP/1.1 400", said.Replace("501", "400", StringComparison.Ordinal), StringComparison.Ordinal); }
    }

    [Fact]
    public async Task Headers_and_bodies_have_limits()
    {
        await using var upstream = ScriptedUpstream.Start(UpstreamScript.Send(RawHttp.Json(200, MessagesAnswer)));
        await using Gateway gateway = await Gateway.StartAsync(Gateway.Anthropic(upstream.Url));
        using HttpResponseMessage head = await gateway.PostAsync("/v1/messages", MessagesBody, ("x-long", new string('a', 64 << 10)));
        Assert.Equal(HttpStatusCode.RequestHeaderFieldsTooLarge, head.StatusCode);
        using HttpResponseMessage deep = await gateway.PostAsync("/v1/messages", new string('[', 100_000));
        Assert.Equal(HttpStatusCode.BadRequest, deep.StatusCode);
        Assert.Empty(upstream.Requests);
    }
}
