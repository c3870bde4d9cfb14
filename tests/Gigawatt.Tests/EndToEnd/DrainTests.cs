using System.Net.Http.Json;
using Xunit;

namespace Gigawatt.Tests.EndToEnd;

/// <summary>Stopping a real server process.</summary>
public sealed class DrainTests
{
    [Fact]
    public async Task A_stream_under_way_is_brought_to_its_end_when_the_server_is_told_to_stop()
    {
        using var folder = new TestFolder();
        await using ServerProcess server = await ServerProcess.StartAsync(folder.At("data"));
        using var http = new HttpClient { BaseAddress = new Uri(server.Url) };
        using var request = new HttpRequestMessage(HttpMethod.Post, "/v1/messages")
        {
            Content = JsonContent.Create(new { model = "sim-large", max_tokens = 1000, stream = true, messages = new[] { new { role = "user", content = "hello" } } }),
        };
        request.Headers.Add("x-api-key", server.ApiKey);
        request.Headers.Add("anthropic-version", "2023-06-01");
        using HttpResponseMessage response = await http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, TestContext.Current.CancellationToken);
        using var reader = new StreamReader(await response.Content.ReadAsStreamAsync(TestContext.Current.CancellationToken));
        Assert.Equal("event: message_start", await reader.ReadLineAsync(TestContext.Current.CancellationToken));

        Task<int> stopped = server.StopAsync();
        string rest = await reader.ReadToEndAsync(TestContext.Current.CancellationToken);
        Assert.EndsWith("event: message_stop\ndata: {\"type\":\"message_stop\"}\n\n", rest, StringComparison.Ordinal);
        Assert.Equal(0, await stopped);
    }
}
