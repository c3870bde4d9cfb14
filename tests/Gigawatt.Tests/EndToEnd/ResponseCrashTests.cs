using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using Xunit;

namespace Gigawatt.Tests.EndToEnd;

/// <summary>
/// Goal: what a client was told is kept is there after the server was killed, and the two APIs stay apart. Method: a real server
/// process is killed with SIGKILL right behind the last byte of an answer, and the conversation goes on at the next one.
/// </summary>
public sealed class ResponseCrashTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_conversation_goes_on_from_an_answer_that_was_the_last_thing_a_killed_server_did()
    {
        using var folder = new TestFolder();
        string? key = null, id = null;
        for (int turn = 0; turn < 3; turn++)
        {
            ServerProcess server = await ServerProcess.StartAsync(folder.At("data"));
            key ??= server.ApiKey;
            using HttpClient http = Client(server, key!);
            string previous = id is null ? "" : $",\"previous_response_id\":\"{id}\"";
            using HttpResponseMessage response = await http.PostAsync(new Uri("/v1/responses", UriKind.Relative), Json($$"""{"model":"sim-small","input":"turn {{turn}}","stream":{{(turn == 1 ? "true" : "false")}}{{previous}}}"""), Token);
            string body = await response.Content.ReadAsStringAsync(Token);
            await server.KillAsync();
            Assert.True(response.IsSuccessStatusCode, body);
            string answer = turn == 1 ? JsonDocument.Parse(body.Split('\n').Last(static l => l.StartsWith("data: ", StringComparison.Ordinal))[6..]).RootElement.GetProperty("response").GetRawText() : body;
            id = JsonDocument.Parse(answer).RootElement.GetProperty("id").GetString();
        }

        await using ServerProcess last = await ServerProcess.StartAsync(folder.At("data"));
        using HttpClient reader = Client(last, key!);
        JsonElement items = await reader.GetFromJsonAsync<JsonElement>(new Uri($"/v1/responses/{id}/input_items?order=asc", UriKind.Relative), Token);
        string[] told = [.. items.GetProperty("data").EnumerateArray().Where(static i => i.GetProperty("role").GetString() == "user").Select(static i => i.GetProperty("content")[0].GetProperty("text").GetString()!)];
        Assert.Equal(["turn 0", "turn 1", "turn 2"], told);
    }

    [Fact]
    public async Task A_tenants_key_administers_nothing_and_the_operators_token_calls_no_models()
    {
        using var folder = new TestFolder();
        await using ServerProcess server = await ServerProcess.StartAsync(folder.At("data"));
        using HttpClient tenant = Client(server, server.ApiKey!);
        foreach ((string path, string body) in ((string, string)[])[("tenants", """{"id":"mine","name":"Mine"}"""), ("tenants/default/projects", """{"id":"p","name":"P"}""")])
        {
            using HttpResponseMessage refused = await tenant.PostAsync(new Uri("/gigawatt/v1/" + path, UriKind.Relative), Json(body), Token);
            Assert.Contains(refused.StatusCode, (HttpStatusCode[])[HttpStatusCode.Forbidden, HttpStatusCode.NotFound, HttpStatusCode.MethodNotAllowed]);
        }

        Assert.Equal(HttpStatusCode.Forbidden, (await tenant.PostAsync(new Uri("/gigawatt/v1/tenants", UriKind.Relative), Json("""{"id":"mine","name":"Mine"}"""), Token)).StatusCode);
        foreach (string path in (string[])["/v1/models", "/v1/responses/resp_1", "/anthropic/v1/models"])
        {
            Assert.Equal(HttpStatusCode.Unauthorized, (await server.Control.GetAsync(new Uri(server.Url + path), Token)).StatusCode);
        }

        using HttpResponseMessage call = await server.Control.PostAsync(new Uri(server.Url + "/v1/responses"), Json("""{"model":"sim-small","input":"x"}"""), Token);
        Assert.Equal(HttpStatusCode.Unauthorized, call.StatusCode);
    }

    private static StringContent Json(string body) => new(body, System.Text.Encoding.UTF8, "application/json");

    private static HttpClient Client(ServerProcess server, string key)
    {
        var http = new HttpClient { BaseAddress = new Uri(server.Url) };
        http.DefaultRequestHeaders.Authorization = new("Bearer", key);
        return http;
    }
}
