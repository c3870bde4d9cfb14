#pragma warning disable OPENAI001 // The client of responses is still marked as one that may change.
using System.ClientModel;
using System.ClientModel.Primitives;
using Anthropic;
using Anthropic.Exceptions;
using Anthropic.Models.Messages;
using Anthropic.Models.Messages.Batches;
using Gigawatt.Server.Identity;
using Gigawatt.Tenants;
using Gigawatt.Tests.Support;
using OpenAI;
using OpenAI.Chat;
using OpenAI.Embeddings;
using OpenAI.Responses;

namespace Gigawatt.Tests.Requests;

/// <summary>The official clients on the endpoints beside messages and completions, on the paths of Azure, and their own exceptions for what is refused.</summary>
public sealed class OfficialClientEndpointTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("")]
    [InlineData("anthropic")]
    public async Task Anthropics_client_counts_tokens_under_both_base_urls(string root)
    {
        await using Gateway gateway = await Gateway.StartAsync(Gateway.Simulation());
        MessageTokensCount count = await Anthropic(gateway, root).Messages.CountTokens(new() { Model = "sim-small", Messages = [new UserMessageParam("Say something")] }, Token);
        Assert.True(count.InputTokens > 0);
        Message message = await Anthropic(gateway, root).Messages.Create(new() { Model = "sim-small", MaxTokens = 8, Messages = [new UserMessageParam("Say something")] }, Token);
        Assert.Equal(8, message.Usage.OutputTokens);
    }

    [Fact]
    public async Task Anthropics_client_makes_a_batch_and_streams_its_results()
    {
        await using Gateway gateway = await Gateway.StartAsync(Gateway.Simulation());
        AnthropicClient client = Anthropic(gateway);
        MessageBatch batch = await client.Messages.Batches.Create(new()
        {
            Requests = [.. Enumerable.Range(0, 3).Select(i => new Request { CustomID = $"r{i}", Params = new Params { Model = "sim-small", MaxTokens = 8, Messages = [new UserMessageParam("Hello")] } })],
        }, Token);
        string id = batch.ID;
        while (batch.EndedAt is null)
        {
            await Task.Delay(20, Token);
            batch = await client.Messages.Batches.Retrieve(id, cancellationToken: Token);
        }

        Assert.Equal(3, batch.RequestCounts.Succeeded);
        List<string> ids = [];
        await foreach (MessageBatchIndividualResponse result in client.Messages.Batches.ResultsStreaming(id, cancellationToken: Token))
        {
            Assert.True(result.Result.TryPickSucceeded(out MessageBatchSucceededResult? succeeded));
            Assert.Equal(8, succeeded!.Message.Usage.OutputTokens);
            ids.Add(result.CustomID);
        }

        Assert.Equal(["r0", "r1", "r2"], ids.Order());
        var page = await client.Messages.Batches.List(new(), Token);
        Assert.Equal(id, Assert.Single(page.Items).ID);
        await client.Messages.Batches.Delete(id, cancellationToken: Token);
        await Assert.ThrowsAsync<AnthropicNotFoundException>(() => client.Messages.Batches.Retrieve(id, cancellationToken: Token));
    }

    [Fact]
    public async Task Anthropics_client_goes_through_the_models_page_by_page()
    {
        await using var upstream = ScriptedUpstream.Start(UpstreamScript.Send(RawHttp.Json(200,
            "{\"data\":[" + string.Join(',', Enumerable.Range(0, 7).Select(i => $"{{\"type\":\"model\",\"id\":\"claude-{i}\",\"display_name\":\"{i}\",\"created_at\":\"2026-01-0{i + 1}T00:00:00Z\"}}")) + "],\"has_more\":false}")));
        await using Gateway gateway = await Gateway.StartAsync(askForModels: true, Gateway.Anthropic(upstream.Url));
        List<string> ids = [];
        var page = await Anthropic(gateway).Models.List(new() { Limit = 3 }, Token);
        while (true)
        {
            ids.AddRange(page.Items.Select(m => m.ID));
            if (!page.HasNext()) { break; }
            page = await page.Next(Token);
        }

        Assert.Equal(7, ids.Distinct().Count());
        Assert.Equal(7, ids.Count);
        await Assert.ThrowsAsync<AnthropicNotFoundException>(() => Anthropic(gateway).Models.Retrieve("claude-none", cancellationToken: Token));
    }

    [Fact]
    public async Task OpenAIs_client_gets_embeddings_as_base64()
    {
        await using Gateway gateway = await Gateway.StartAsync(Gateway.Simulation());
        EmbeddingClient client = OpenAI(gateway).GetEmbeddingClient("sim-small");
        OpenAIEmbeddingCollection all = (await client.GenerateEmbeddingsAsync(["one", "two"], new EmbeddingGenerationOptions { Dimensions = 8 }, Token)).Value;
        Assert.Equal([8, 8], all.Select(e => e.ToFloats().Length));
        Assert.True(all.Usage.TotalTokenCount > 0);
    }

    [Fact]
    public async Task OpenAIs_client_makes_reads_continues_lists_and_deletes_responses()
    {
        await using Gateway gateway = await Gateway.StartAsync(Gateway.Simulation());
        ResponsesClient client = OpenAI(gateway).GetResponsesClient();
        ResponseResult first = await client.CreateResponseAsync("sim-small", "Say something", cancellationToken: Token);
        Assert.Contains("simulat", first.GetOutputText(), StringComparison.OrdinalIgnoreCase);
        ResponseResult read = await client.GetResponseAsync(first.Id, Token);
        Assert.Equal((first.Id, first.GetOutputText(), ResponseStatus.Completed), (read.Id, read.GetOutputText(), read.Status));

        ResponseResult? second = null;
        string text = "";
        await foreach (StreamingResponseUpdate update in await client.CreateResponseStreamingAsync("sim-small", "And again", first.Id, Token))
        {
            if (update is StreamingResponseOutputTextDeltaUpdate delta) { text += delta.Delta; }
            if (update is StreamingResponseCompletedUpdate completed) { second = completed.Response; }
        }

        Assert.Equal((first.Id, text), (second!.PreviousResponseId, second.GetOutputText()));
        List<ResponseItem> items = [];
        await foreach (ResponseItem item in client.GetResponseInputItemsAsync(second.Id, Token)) { items.Add(item); }
        Assert.Equal(3, items.Count);
        Assert.True((await client.DeleteResponseAsync(first.Id, Token)).Value.Deleted);
        Assert.Equal(404, (await Assert.ThrowsAsync<ClientResultException>(() => client.GetResponseAsync(first.Id, Token))).Status);
        Assert.Equal(400, (await Assert.ThrowsAsync<ClientResultException>(() => client.CreateResponseAsync("sim-small", "x", second.Id, Token))).Status);
    }

    [Fact]
    public async Task OpenAIs_client_continues_a_response_of_another_api_with_its_settings_repeated()
    {
        const string Answer = """{"id":"msg_1","type":"message","role":"assistant","model":"claude-x","content":[{"type":"text","text":"hi"}],"stop_reason":"end_turn","stop_sequence":null,"usage":{"input_tokens":20,"output_tokens":30}}""";
        await using var upstream = ScriptedUpstream.Start(UpstreamScript.Send(RawHttp.Json(200, Answer)));
        await using Gateway gateway = await Gateway.StartAsync(Gateway.Anthropic(upstream.Url));
        ResponsesClient client = OpenAI(gateway).GetResponsesClient();
        var options = new CreateResponseOptions { Model = "claude-x", Instructions = "Be kind", MaxOutputTokenCount = 99 };
        options.InputItems.Add(ResponseItem.CreateUserMessageItem("one"));
        options.Metadata["a"] = "b";
        ResponseResult made = await client.CreateResponseAsync(options, Token);
        ResponseResult read = await client.GetResponseAsync(made.Id, Token);
        Assert.Equal(("hi", 99, "b"), (read.GetOutputText(), read.MaxOutputTokenCount, read.Metadata["a"]));
        await client.CreateResponseAsync(new CreateResponseOptions { Model = "claude-x", PreviousResponseId = made.Id, InputItems = { ResponseItem.CreateUserMessageItem("two") } }, Token);
        Assert.Contains("one", System.Text.Encoding.UTF8.GetString(upstream.Requests[1].Body), StringComparison.Ordinal);
    }

    [Fact]
    public async Task OpenAIs_client_works_under_Azures_paths()
    {
        await using Gateway gateway = await Gateway.StartAsync(Gateway.Simulation());
        foreach (string root in (string[])["/openai/v1", "/openai/deployments/sim-small"])
        {
            ChatClient client = OpenAI(gateway, root).GetChatClient(root.EndsWith("v1", StringComparison.Ordinal) ? "sim-small" : "ignored");
            ChatCompletion answer = await client.CompleteChatAsync([new UserChatMessage("Say something")], cancellationToken: Token);
            Assert.Contains("simulat", answer.Content[0].Text, StringComparison.OrdinalIgnoreCase);
        }
    }

    [Fact]
    public async Task What_is_refused_here_is_each_clients_own_exception()
    {
        await using Gateway gateway = await Gateway.StartAsync(Gateway.Simulation());
        MessageCreateParams Ask(string model, string text = "hi") => new() { Model = model, MaxTokens = 8, Messages = [new UserMessageParam(text)] };
        await Assert.ThrowsAsync<AnthropicNotFoundException>(() => Anthropic(gateway).Messages.Create(Ask("nobody"), Token));
        AnthropicClient stranger = new() { BaseUrl = gateway.Url.ToString().TrimEnd('/'), ApiKey = "gw-wrong", MaxRetries = 0 };
        await Assert.ThrowsAsync<AnthropicUnauthorizedException>(() => stranger.Messages.Create(Ask("sim-small"), Token));
        NewKey narrow = gateway.Identities.CreateKey(new KeyFacts { Id = "", TenantId = "default", Name = "narrow", Models = ["gpt-*"] });
        AnthropicClient limited = new() { BaseUrl = gateway.Url.ToString().TrimEnd('/'), ApiKey = narrow.Secret, MaxRetries = 0 };
        await Assert.ThrowsAsync<AnthropicForbiddenException>(() => limited.Messages.Create(Ask("sim-small"), Token));
        AnthropicApiException large = await Assert.ThrowsAnyAsync<AnthropicApiException>(() => Anthropic(gateway).Messages.Create(Ask("sim-small", new string('x', 33 << 20)), Token));
        Assert.Equal(413, (int)large.StatusCode);
        gateway.Identities.Save(new Tenant { Id = "default", Name = "Default", Limits = [new(RateKind.Requests, 1)] });
        await Anthropic(gateway).Messages.Create(Ask("sim-small"), Token);
        await Assert.ThrowsAsync<AnthropicRateLimitException>(() => Anthropic(gateway).Messages.Create(Ask("sim-small"), Token));
        ClientResultException e = await Assert.ThrowsAsync<ClientResultException>(() => OpenAI(gateway).GetChatClient("sim-small").CompleteChatAsync([new UserChatMessage("hi")], cancellationToken: Token));
        Assert.Equal(429, e.Status);
    }

    [Fact]
    public async Task An_overloaded_provider_is_the_clients_own_exception()
    {
        await using var upstream = ScriptedUpstream.Start(UpstreamScript.Send(RawHttp.Json(529, "{\"type\":\"error\",\"error\":{\"type\":\"overloaded_error\",\"message\":\"Overloaded\"}}")));
        await using Gateway gateway = await Gateway.StartAsync(Gateway.Anthropic(upstream.Url));
        await Assert.ThrowsAsync<AnthropicOverloadedException>(() => Anthropic(gateway).Messages.Create(new() { Model = "claude-x", MaxTokens = 8, Messages = [new UserMessageParam("hi")] }, Token));
    }

    private static AnthropicClient Anthropic(Gateway gateway, string root = "") =>
        new() { BaseUrl = new Uri(gateway.Url, root).ToString().TrimEnd('/'), ApiKey = gateway.Key.Secret, MaxRetries = 0 };

    private static OpenAIClient OpenAI(Gateway gateway, string root = "/v1") => new(new ApiKeyCredential(gateway.Key.Secret), new OpenAIClientOptions
    {
        Endpoint = new(gateway.Url, root),
        RetryPolicy = new ClientRetryPolicy(0),
    });
}
