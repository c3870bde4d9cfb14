using System.Net;
using System.Text;
using System.Text.Json;
using Gigawatt.Models;
using Gigawatt.Providers;
using Gigawatt.Providers.OpenAI;
using Gigawatt.Server.Identity;
using Gigawatt.Tenants;
using Gigawatt.Tests.Requests;
using Gigawatt.Tests.Support;
using Gigawatt.Units;
using static Gigawatt.Tests.Requests.Samples;

namespace Gigawatt.Tests.Responses;

/// <summary>State of <c>/v1/responses</c> over the data path: kept, read, gone on from, deleted.</summary>
public sealed class ResponseStateTests
{
    private const string Path = "/v1/responses";

    private const string Answer =
        """{"id":"resp_9","object":"response","created_at":1,"status":"completed","model":"gpt-x","output":[{"type":"reasoning","id":"rs_1","summary":[]},{"type":"message","id":"msg_9","status":"completed","role":"assistant","content":[{"type":"output_text","text":"four","annotations":[]}]}],"previous_response_id":null,"store":true,"unknown":[1, 2],"usage":{"input_tokens":3,"input_tokens_details":{"cached_tokens":0},"output_tokens":4,"output_tokens_details":{"reasoning_tokens":0},"total_tokens":7}}""";

    private const string ClaudesAnswer =
        """{"id":"msg_1","type":"message","role":"assistant","model":"claude-x","content":[{"type":"text","text":"hi"}],"stop_reason":"end_turn","stop_sequence":null,"usage":{"input_tokens":20,"output_tokens":30}}""";

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("/v1")]
    [InlineData("/openai/v1")]
    public async Task A_response_is_kept_as_the_client_saw_it_until_it_is_deleted(string root)
    {
        await using Gateway gateway = await Gateway.StartAsync(Gateway.Simulation());
        string made = await PostAsync(gateway, """{"model":"sim-small","input":"Hello"}""", root + "/responses");
        string id = Id(made);
        Assert.Equal(made, await GetAsync(gateway, $"{root}/responses/{id}"));
        using HttpResponseMessage deleted = await gateway.Http.DeleteAsync(new Uri($"{root}/responses/{id}", UriKind.Relative), Token);
        Assert.Equal($$"""{"id":"{{id}}","object":"response","deleted":true}""", await deleted.Content.ReadAsStringAsync(Token));
        Assert.Contains($"There is no response {id}", await GetAsync(gateway, $"{root}/responses/{id}", 404), StringComparison.Ordinal);
        Assert.Contains("previous_response_not_found", await PostAsync(gateway, $$"""{"model":"sim-small","input":"x","previous_response_id":"{{id}}"}""", status: 400), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_conversation_goes_on_at_a_provider_of_another_api_that_keeps_nothing(bool stream)
    {
        await using var upstream = ScriptedUpstream.Start(UpstreamScript.Send(stream ? Stream(MessagesEvents) : [RawHttp.Json(200, ClaudesAnswer)]));
        await using Gateway gateway = await Gateway.StartAsync(Gateway.Anthropic(upstream.Url));
        string rest = stream ? ",\"stream\":true" : "";
        string first = Last(await PostAsync(gateway, $$"""{"model":"claude-x","input":"one","instructions":"Be kind","metadata":{"a":"b"},"max_output_tokens":50{{rest}}}"""), stream);
        JsonElement answer = JsonDocument.Parse(first).RootElement;
        Assert.True(answer.GetProperty("store").GetBoolean());
        Assert.Equal("""Be kind {"a":"b"} 50""", $"{answer.GetProperty("instructions")} {answer.GetProperty("metadata").GetRawText()} {answer.GetProperty("max_output_tokens")}");
        string said = answer.GetProperty("output")[0].GetProperty("content")[0].GetProperty("text").GetString()!;

        string second = Last(await PostAsync(gateway, $$"""{"model":"claude-x","input":[{"role":"user","content":"two"}],"max_output_tokens":50,"previous_response_id":"{{Id(first)}}"{{rest}}}"""), stream);
        Assert.Equal(Id(first), JsonDocument.Parse(second).RootElement.GetProperty("previous_response_id").GetString());
        using JsonDocument sent = JsonDocument.Parse(upstream.Requests[1].Body);
        Assert.Equal(["user: one", $"assistant: {said}", "user: two"], sent.RootElement.GetProperty("messages").EnumerateArray().Select(m => $"{m.GetProperty("role")}: {TextOf(m)}"));
        // Instructions are for one request only.
        Assert.False(sent.RootElement.TryGetProperty("system", out _));
    }

    [Fact]
    public async Task A_conversation_goes_on_at_a_server_of_the_same_api_that_keeps_nothing()
    {
        await using var upstream = ScriptedUpstream.Start(UpstreamScript.Send(RawHttp.Json(200, Answer)));
        await using Gateway gateway = await Gateway.StartAsync(Gateway.OpenAI(upstream.Url));
        const string First = """{ "model":"gpt-x", "input":"two and two?", "later":{"a":1.50} }""";
        Assert.Equal(Answer, await PostAsync(gateway, First));
        Assert.Equal(First, Encoding.UTF8.GetString(upstream.Requests[0].Body));
        string second = await PostAsync(gateway, """{"model":"gpt-x","previous_response_id":"resp_9","input":[{"type":"message","role":"user","content":"sure?"}],"later":{"a":1.50}}""");
        Assert.Equal(Answer.Replace("\"previous_response_id\":null", "\"previous_response_id\":\"resp_9\"", StringComparison.Ordinal), second);
        // Reasoning of which there is only an id nobody else could look up.
        Assert.Equal(
            """{"model":"gpt-x","input":[{"role":"user","content":"two and two?"},{"type":"message","id":"msg_9","status":"completed","role":"assistant","content":[{"type":"output_text","text":"four","annotations":[]}]},{"type":"message","role":"user","content":"sure?"}],"later":{"a":1.50}}""",
            Encoding.UTF8.GetString(upstream.Requests[1].Body));
    }

    [Fact]
    public async Task A_provider_that_keeps_the_conversation_itself_gets_the_clients_bytes_and_another_gets_the_whole()
    {
        await using var upstream = ScriptedUpstream.Start(UpstreamScript.Send(RawHttp.Json(200, Answer)));
        using var openai = new OpenAIProvider("openai", new HttpProviderOptions
        {
            BaseUrl = new("http://eu.api.openai.com/v1"),
            ApiKey = "k",
            AllowPrivate = true,
            ConnectPort = upstream.Url.Port,
            Resolve = (_, _) => Task.FromResult<IPAddress[]>([IPAddress.Loopback]),
        });
        await using Gateway gateway = await Gateway.StartAsync((openai, ["gpt-*"]), Gateway.Anthropic(upstream.Url));
        await PostAsync(gateway, """{"model":"gpt-x","input":"two and two?"}""");
        const string Second = """{"model":"gpt-x","input":"sure?","previous_response_id":"resp_9"}""";
        await PostAsync(gateway, Second);
        Assert.Equal(Second, Encoding.UTF8.GetString(upstream.Requests[1].Body));

        upstream.Add(UpstreamScript.Send(RawHttp.Json(200, ClaudesAnswer)));
        upstream.Add(UpstreamScript.Send(RawHttp.Json(200, ClaudesAnswer)));
        await PostAsync(gateway, """{"model":"claude-x","input":"really?","max_output_tokens":9,"previous_response_id":"resp_9"}""");
        Assert.Contains("two and two?", Encoding.UTF8.GetString(upstream.Requests[2].Body), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_stream_is_kept_before_its_last_event_is_there_and_a_broken_one_is_not()
    {
        await using Gateway gateway = await Gateway.StartAsync(Gateway.Simulation());
        using HttpResponseMessage response = await gateway.PostAsync(Path, """{"model":"sim-small","input":"Hello","stream":true}""");
        using var reader = new StreamReader(await response.Content.ReadAsStreamAsync(Token));
        string? line;
        while (!(line = await reader.ReadLineAsync(Token))!.StartsWith("data: {\"type\":\"response.completed\"", StringComparison.Ordinal)) { }
        string last = JsonDocument.Parse(line[6..]).RootElement.GetProperty("response").GetRawText();
        Assert.Equal(last, await GetAsync(gateway, $"{Path}/{Id(last)}"));

        await using var upstream = ScriptedUpstream.Start();
        await using Gateway broken = await Gateway.StartAsync(Gateway.Anthropic(upstream.Url));
        for (int kept = 1; kept < MessagesEvents.Length; kept++)
        {
            upstream.Add(UpstreamScript.Send(Stream(MessagesEvents)[..(1 + kept)]).ThenClose());
            string body = await PostAsync(broken, """{"model":"claude-x","input":"one","max_output_tokens":50,"stream":true}""", status: 0);
            if (!body.Contains("response.completed", StringComparison.Ordinal)) { await GetAsync(broken, $"{Path}/resp_1", 404); }
        }
    }

    [Fact]
    public async Task Nothing_is_kept_of_what_is_not_to_be_stored()
    {
        await using Gateway gateway = await Gateway.StartAsync(Gateway.Simulation());
        string loose = await PostAsync(gateway, """{"model":"sim-small","input":"Hello","store":false}""");
        await GetAsync(gateway, $"{Path}/{Id(loose)}", 404);
        string kept = await PostAsync(gateway, """{"model":"sim-small","input":"Hello"}""");
        string branch = await PostAsync(gateway, $$"""{"model":"sim-small","input":"And?","store":false,"previous_response_id":"{{Id(kept)}}"}""");
        Assert.False(JsonDocument.Parse(branch).RootElement.GetProperty("store").GetBoolean());
        await GetAsync(gateway, $"{Path}/{Id(branch)}", 404);
    }

    [Fact]
    public async Task Nobody_reads_goes_on_from_or_deletes_anothers_response()
    {
        await using Gateway gateway = await Gateway.StartAsync(Gateway.Simulation());
        string id = Id(await PostAsync(gateway, """{"model":"sim-small","input":"Hello"}"""));
        gateway.Identities.Save(new Tenant { Id = "other", Name = "Other" });
        NewKey key = gateway.Identities.CreateKey(new KeyFacts { Id = "", TenantId = "other", Name = "k" });
        string own = gateway.Key.Secret;
        gateway.Http.DefaultRequestHeaders.Authorization = new("Bearer", key.Secret);
        await GetAsync(gateway, $"{Path}/{id}", 404);
        await GetAsync(gateway, $"{Path}/{id}/input_items", 404);
        Assert.Equal(HttpStatusCode.NotFound, (await gateway.Http.DeleteAsync(new Uri($"{Path}/{id}", UriKind.Relative), Token)).StatusCode);
        Assert.Contains("previous_response_not_found", await PostAsync(gateway, $$"""{"model":"sim-small","input":"x","previous_response_id":"{{id}}"}""", status: 400), StringComparison.Ordinal);
        gateway.Http.DefaultRequestHeaders.Authorization = null;
        await GetAsync(gateway, $"{Path}/{id}", 401);
        gateway.Http.DefaultRequestHeaders.Authorization = new("Bearer", own);
        await GetAsync(gateway, $"{Path}/{id}");
    }

    [Fact]
    public async Task The_input_of_a_response_is_all_that_went_before_it_in_pages()
    {
        await using Gateway gateway = await Gateway.StartAsync(Gateway.Simulation());
        string first = Id(await PostAsync(gateway, """{"model":"sim-small","input":"one"}"""));
        string second = Id(await PostAsync(gateway, $$"""{"model":"sim-small","input":[{"role":"user","content":"two"},{"type":"function_call_output","call_id":"c","output":"3"}],"previous_response_id":"{{first}}"}"""));
        string[] newest = await ItemsAsync(gateway, $"{Path}/{second}/input_items");
        Assert.Equal(["function_call_output", "input_text two", "output_text", "input_text one"], newest.Select(i => i.Split('|')[1]));
        Assert.Equal(newest.Reverse(), await ItemsAsync(gateway, $"{Path}/{second}/input_items?order=asc"));
        string after = newest[1].Split('|')[0];
        Assert.Equal(newest[2..3], await ItemsAsync(gateway, $"{Path}/{second}/input_items?limit=1&after={after}"));
        Assert.Contains("\"has_more\":true", await GetAsync(gateway, $"{Path}/{second}/input_items?limit=3"), StringComparison.Ordinal);
        foreach (string wrong in (string[])["limit=0", "limit=101", "order=up", "after=nothing", "include[]=x"]) { await GetAsync(gateway, $"{Path}/{second}/input_items?{wrong}", 400); }
    }

    [Fact]
    public async Task What_went_before_counts_against_the_budget()
    {
        await using Gateway gateway = await Gateway.StartAsync(Gateway.Simulation());
        string text = new('x', 5_000);
        string id = Id(await PostAsync(gateway, $$"""{"model":"sim-small","input":"{{text}}","max_output_tokens":16}"""));
        // Alone it would fit, whatever was spent so far; with the 5,000 bytes before it, it does not.
        gateway.Identities.Save(new Tenant { Id = "default", Name = "Default", Budgets = [new(new Usd(10_000), BudgetPeriod.Total)] });
        await PostAsync(gateway, """{"model":"sim-small","input":"more","max_output_tokens":16}""");
        Assert.Contains("budget", await PostAsync(gateway, $$"""{"model":"sim-small","input":"more","max_output_tokens":16,"previous_response_id":"{{id}}"}""", status: 429), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("""{"model":"sim-small","input":"x","background":true}""", "background")]
    [InlineData("""{"model":"sim-small","input":"x","conversation":"conv_1"}""", "conversations are not kept here")]
    [InlineData("""{"model":"sim-small","input":"x","previous_response_id":7}""", "the id of a response")]
    [InlineData("""{"model":"sim-small","input":"x","store":"yes"}""", "true or false")]
    [InlineData("""{"model":"sim-small","input":"x","previous_response_id":"resp_none"}""", "there is no response resp_none")]
    [InlineData("""{"model":"sim-small","input":""", "not valid JSON: line 1")]
    public async Task What_is_not_offered_is_refused_in_words(string body, string message)
    {
        await using Gateway gateway = await Gateway.StartAsync(Gateway.Simulation());
        Assert.Contains(message, await PostAsync(gateway, body, status: 400), StringComparison.Ordinal);
        Assert.Empty(await gateway.RecordsAsync(0));
    }

    [Fact]
    public async Task Only_what_runs_in_the_background_could_be_cancelled_or_streamed_again()
    {
        await using Gateway gateway = await Gateway.StartAsync(Gateway.Simulation());
        string id = Id(await PostAsync(gateway, """{"model":"sim-small","input":"Hello"}"""));
        Assert.Contains("cannot be cancelled", await PostAsync(gateway, "", $"{Path}/{id}/cancel", 400), StringComparison.Ordinal);
        Assert.Contains("no response resp_none", await PostAsync(gateway, "", $"{Path}/resp_none/cancel", 404), StringComparison.Ordinal);
        Assert.Contains("cannot be streamed again", await GetAsync(gateway, $"{Path}/{id}?stream=true", 400), StringComparison.Ordinal);
        Assert.Contains("include", await GetAsync(gateway, $"{Path}/{id}?include[]=message.output_text.logprobs", 400), StringComparison.Ordinal);
    }

    private static async Task<string> PostAsync(Gateway gateway, string body, string path = Path, int status = 200)
    {
        using HttpResponseMessage response = await gateway.PostAsync(path, body);
        string text = await response.Content.ReadAsStringAsync(Token);
        Assert.True(status == 0 || status == (int)response.StatusCode, $"{(int)response.StatusCode}: {text}");
        return text;
    }

    private static async Task<string> GetAsync(Gateway gateway, string path, int status = 200)
    {
        using HttpResponseMessage response = await gateway.Http.GetAsync(new Uri(path, UriKind.Relative), Token);
        string text = await response.Content.ReadAsStringAsync(Token);
        Assert.True(status == (int)response.StatusCode, $"{(int)response.StatusCode}: {text}");
        return text;
    }

    private static async Task<string[]> ItemsAsync(Gateway gateway, string path)
    {
        JsonElement list = JsonDocument.Parse(await GetAsync(gateway, path)).RootElement;
        string[] items = [.. list.GetProperty("data").EnumerateArray().Select(i => $"{i.GetProperty("id")}|{KindOf(i)}")];
        Assert.Equal((items[0].Split('|')[0], items[^1].Split('|')[0]), (list.GetProperty("first_id").GetString(), list.GetProperty("last_id").GetString()));
        return items;
    }

    private static string KindOf(JsonElement item)
    {
        if (item.GetProperty("type").GetString() != "message") { return item.GetProperty("type").GetString()!; }
        JsonElement part = item.GetProperty("content")[0];
        return part.GetProperty("type").GetString() == "output_text" ? "output_text" : $"input_text {part.GetProperty("text")}";
    }

    private static string Id(string response) => JsonDocument.Parse(response).RootElement.GetProperty("id").GetString()!;

    private static string Last(string answer, bool stream)
    {
        if (!stream) { return answer; }
        string data = answer.Split('\n').Last(l => l.StartsWith("data: ", StringComparison.Ordinal))[6..];
        return JsonDocument.Parse(data).RootElement.GetProperty("response").GetRawText();
    }

    private static string TextOf(JsonElement message)
    {
        JsonElement content = message.GetProperty("content");
        return content.ValueKind == JsonValueKind.String ? content.GetString()! : string.Concat(content.EnumerateArray().Select(b => b.GetProperty("text").GetString()));
    }
}
