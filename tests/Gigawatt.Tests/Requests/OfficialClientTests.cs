using System.ClientModel;
using Anthropic;
using Anthropic.Exceptions;
using Anthropic.Models.Messages;
using Gigawatt.Metering;
using Gigawatt.Models;
using Gigawatt.Tenants;
using Gigawatt.Tests.Support;
using Gigawatt.Units;
using OpenAI.Chat;
using static Gigawatt.Tests.Requests.Samples;

namespace Gigawatt.Tests.Requests;

/// <summary>The official clients work against the data path as they do against the services they were made for.</summary>
public sealed class OfficialClientTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Anthropics_client_gets_a_whole_answer()
    {
        await using Gateway gateway = await Gateway.StartAsync(Gateway.Simulation());
        Message message = await AnthropicClient(gateway).Messages.Create(Ask("sim-small"), Token);
        Assert.Contains("simulat", string.Concat(message.Content.Select(b => b.TryPickText(out TextBlock? text) ? text.Text : "")), StringComparison.OrdinalIgnoreCase);
        UsageRecord record = Assert.Single(await gateway.RecordsAsync(1));
        Assert.Equal((message.Usage.InputTokens, message.Usage.OutputTokens, "ok"), (record.Tokens.Input, record.Tokens.Output, record.Outcome));
    }

    [Fact]
    public async Task Anthropics_client_gets_a_stream()
    {
        await using Gateway gateway = await Gateway.StartAsync(Gateway.Simulation());
        string text = "";
        bool stopped = false;
        await foreach (RawMessageStreamEvent e in AnthropicClient(gateway).Messages.CreateStreaming(Ask("sim-small"), Token))
        {
            if (e.TryPickContentBlockDelta(out RawContentBlockDeltaEvent? delta) && delta.Delta.TryPickText(out TextDelta? piece)) { text += piece.Text; }
            stopped |= e.TryPickStop(out _);
        }

        Assert.Contains("simulat", text, StringComparison.OrdinalIgnoreCase);
        Assert.True(stopped);
        UsageRecord record = Assert.Single(await gateway.RecordsAsync(1));
        Assert.Equal(("ok", false), (record.Outcome, record.TokensEstimated));
    }

    [Fact]
    public async Task Anthropics_client_sees_a_broken_stream_as_an_error()
    {
        await using var upstream = ScriptedUpstream.Start(UpstreamScript.Send(Stream(MessagesEvents)[..5]).ThenClose());
        await using Gateway gateway = await Gateway.StartAsync(Gateway.Anthropic(upstream.Url));
        await Assert.ThrowsAnyAsync<AnthropicException>(async () =>
        {
            await foreach (RawMessageStreamEvent _ in AnthropicClient(gateway).Messages.CreateStreaming(Ask("claude-x"), Token)) { }
        });
    }

    [Fact]
    public async Task Anthropics_client_gives_up_at_once_when_the_budget_is_spent()
    {
        await using Gateway gateway = await Gateway.StartAsync(Gateway.Simulation());
        gateway.Identities.Save(new Tenant { Id = "default", Name = "Default", Budgets = [new(Usd.Zero, BudgetPeriod.Day)] });
        var e = await Assert.ThrowsAsync<Anthropic.Models.AnthropicEnforcedSpendLimitReachedException>(() => AnthropicClient(gateway, retries: 2).Messages.Create(Ask("sim-small"), Token));
        Assert.Contains("billing_error", e.ResponseBody, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Anthropics_client_lists_models()
    {
        await using Gateway gateway = await Gateway.StartAsync(Gateway.Simulation());
        var page = await AnthropicClient(gateway).Models.List(new(), Token);
        Assert.Equal("sim-small", Assert.Single(page.Items).ID);
        Assert.Equal("sim-small", (await AnthropicClient(gateway).Models.Retrieve("sim-small", cancellationToken: Token)).ID);
    }

    [Fact]
    public async Task OpenAIs_client_gets_a_whole_answer()
    {
        await using Gateway gateway = await Gateway.StartAsync(Gateway.Simulation());
        ChatCompletion answer = await OpenAIClient(gateway).GetChatClient("sim-small").CompleteChatAsync([new UserChatMessage("Say something")], cancellationToken: Token);
        Assert.Contains("simulat", answer.Content[0].Text, StringComparison.OrdinalIgnoreCase);
        UsageRecord record = Assert.Single(await gateway.RecordsAsync(1));
        Assert.Equal((answer.Usage.InputTokenCount, answer.Usage.OutputTokenCount), (record.Tokens.Input, record.Tokens.Output));
    }

    [Fact]
    public async Task OpenAIs_client_gets_a_stream()
    {
        await using Gateway gateway = await Gateway.StartAsync(Gateway.Simulation());
        string text = "";
        int output = 0;
        await foreach (StreamingChatCompletionUpdate update in OpenAIClient(gateway).GetChatClient("sim-small").CompleteChatStreamingAsync([new UserChatMessage("Say something")], cancellationToken: Token))
        {
            text += string.Concat(update.ContentUpdate.Select(p => p.Text));
            output = update.Usage?.OutputTokenCount ?? output;
        }

        Assert.Contains("simulat", text, StringComparison.OrdinalIgnoreCase);
        UsageRecord record = Assert.Single(await gateway.RecordsAsync(1));
        Assert.Equal((output, "ok", false), (record.Tokens.Output, record.Outcome, record.TokensEstimated));
    }

    [Fact]
    public async Task OpenAIs_client_sees_refusals_as_its_own_errors_and_lists_models()
    {
        await using Gateway gateway = await Gateway.StartAsync(Gateway.Simulation());
        ClientResultException e = await Assert.ThrowsAsync<ClientResultException>(() => OpenAIClient(gateway).GetChatClient("nobody").CompleteChatAsync([new UserChatMessage("hi")], cancellationToken: Token));
        Assert.Equal(404, e.Status);
        var models = await OpenAIClient(gateway).GetOpenAIModelClient().GetModelsAsync(Token);
        Assert.Equal("sim-small", Assert.Single(models.Value).Id);
    }

    private static MessageCreateParams Ask(string model) => new()
    {
        Model = model,
        MaxTokens = 64,
        Messages = [new UserMessageParam("Say something")],
    };

    private static AnthropicClient AnthropicClient(Gateway gateway, int retries = 0) =>
        new() { BaseUrl = gateway.Url.ToString().TrimEnd('/'), ApiKey = gateway.Key.Secret, MaxRetries = retries };

    private static OpenAI.OpenAIClient OpenAIClient(Gateway gateway) =>
        new(new ApiKeyCredential(gateway.Key.Secret), new OpenAI.OpenAIClientOptions { Endpoint = new(gateway.Url, "/v1") });
}
