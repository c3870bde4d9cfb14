using System.ClientModel;
using System.Text.Json;
using Anthropic;
using Anthropic.Exceptions;
using Anthropic.Helpers;
using Anthropic.Models.Messages;
using Gigawatt.Models;
using Gigawatt.Tests.Support;
using Gigawatt.Tests.Wire.Translation;
using OpenAI.Chat;
using static Gigawatt.Tests.Requests.Samples;

namespace Gigawatt.Tests.Requests;

/// <summary>The official client of each API with a model that speaks another one, tools and streams included.</summary>
public sealed class TranslatedClientTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(Dialect.OpenAI)]
    [InlineData(Dialect.Responses)]
    public async Task Anthropics_client_calls_tools_of_an_OpenAI_model_in_a_stream_and_sends_their_results_back(Dialect provider)
    {
        await using var upstream = ScriptedUpstream.Start(
            UpstreamScript.Send(Stream(TranslatedStreamTests.Events("tools", provider))),
            UpstreamScript.Send(RawHttp.Json(200, Golden.Text(Golden.Input("answers", "tools", provider)))));
        await using Gateway gateway = await TranslatedStreamTests.StartAsync(upstream, provider);
        AnthropicClient client = new() { BaseUrl = gateway.Url.ToString().TrimEnd('/'), ApiKey = gateway.Key.Secret, MaxRetries = 0 };
        Tool tool = new() { Name = "read_file", InputSchema = new() { Properties = new Dictionary<string, JsonElement> { ["path"] = JsonSerializer.SerializeToElement(new { type = "string" }) } } };
        MessageCreateParams ask = new() { Model = "m-x", MaxTokens = 500, Messages = [new UserMessageParam("Read it")], Tools = [tool] };
        Message message = await client.Messages.CreateStreaming(ask, Token).Aggregate();
        Assert.Equal(StopReason.ToolUse, message.StopReason!.Value());
        Assert.Equal("I look.", string.Concat(message.Content.Select(static block => block.TryPickText(out TextBlock? text) ? text.Text : "")));
        ToolUseBlock[] calls = [.. message.Content.Select(static block => block.TryPickToolUse(out ToolUseBlock? call) ? call : null).OfType<ToolUseBlock>()];
        Assert.Equal(["read_file", "now"], calls.Select(static call => call.Name));
        Assert.Equal("a.cs", calls[0].Input["path"].GetString());
        Assert.Empty(calls[1].Input);
        Assert.Equal((30, 300, 40), (message.Usage.InputTokens, message.Usage.CacheReadInputTokens, message.Usage.OutputTokens));

        List<ContentBlockParam> said = [.. calls.Select(static call => (ContentBlockParam)new ToolUseBlockParam { ID = call.ID, Name = call.Name, Input = call.Input })];
        List<ContentBlockParam> results = [.. calls.Select(static call => (ContentBlockParam)new ToolResultBlockParam(call.ID) { Content = "done", IsError = true })];
        Message second = await client.Messages.Create(ask with { Messages = [.. ask.Messages, new AssistantMessageParam(said), new UserMessageParam(results)] }, Token);
        Assert.Equal(StopReason.ToolUse, second.StopReason!.Value());
        string sent = System.Text.Encoding.UTF8.GetString(upstream.Requests[1].Body);
        foreach (ToolUseBlock call in calls) { Assert.Equal(2, sent.Split($"\"{call.ID}\"").Length - 1); }
    }

    [Fact]
    public async Task OpenAIs_client_calls_tools_of_Claude_in_a_stream_and_sends_their_results_back()
    {
        await using var upstream = ScriptedUpstream.Start(
            UpstreamScript.Send(Stream(TranslatedStreamTests.Events("tools", Dialect.Anthropic))),
            UpstreamScript.Send(RawHttp.Json(200, Golden.Text(Golden.Input("answers", "tools", Dialect.Anthropic)))));
        await using Gateway gateway = await TranslatedStreamTests.StartAsync(upstream, Dialect.Anthropic);
        ChatClient client = new OpenAI.OpenAIClient(new ApiKeyCredential(gateway.Key.Secret), new OpenAI.OpenAIClientOptions { Endpoint = new(gateway.Url, "/v1") }).GetChatClient("m-x");
        ChatCompletionOptions options = new() { MaxOutputTokenCount = 500, Tools = { ChatTool.CreateFunctionTool("read_file", "Reads", BinaryData.FromString("""{"type":"object"}""")) } };
        List<ChatMessage> messages = [new SystemChatMessage("be kind"), new UserChatMessage("Read it")];
        string text = "";
        Dictionary<int, (string Id, string Name, string Arguments)> calls = [];
        ChatFinishReason? reason = null;
        ChatTokenUsage? usage = null;
        await foreach (StreamingChatCompletionUpdate update in client.CompleteChatStreamingAsync(messages, options, Token))
        {
            text += string.Concat(update.ContentUpdate.Select(static part => part.Text));
            reason = update.FinishReason ?? reason;
            usage = update.Usage ?? usage;
            foreach (StreamingChatToolCallUpdate call in update.ToolCallUpdates)
            {
                (string id, string name, string arguments) = calls.GetValueOrDefault(call.Index, ("", "", ""));
                calls[call.Index] = (call.ToolCallId ?? id, call.FunctionName ?? name, arguments + call.FunctionArgumentsUpdate);
            }
        }

        Assert.Equal(("I look.", ChatFinishReason.ToolCalls), (text, reason));
        Assert.Equal([("toolu_1", "read_file", """{"path": "a b.cs"}"""), ("toolu_2", "now", "{}")], calls.Values);
        Assert.Equal((330, 300, 60), (usage!.InputTokenCount, usage.InputTokenDetails.CachedTokenCount, usage.OutputTokenCount));

        messages.Add(new AssistantChatMessage([.. calls.Values.Select(static call => ChatToolCall.CreateFunctionToolCall(call.Id, call.Name, BinaryData.FromString(call.Arguments)))]));
        messages.AddRange(calls.Values.Select(static call => new ToolChatMessage(call.Id, "done")));
        ChatCompletion second = await client.CompleteChatAsync(messages, options, Token);
        Assert.Equal((ChatFinishReason.ToolCalls, 2), (second.FinishReason, second.ToolCalls.Count));
        JsonElement sent = JsonDocument.Parse(upstream.Requests[1].Body).RootElement;
        Assert.Equal("be kind", sent.GetProperty("system").GetString());
        Assert.Equal(["user", "assistant", "user"], sent.GetProperty("messages").EnumerateArray().Select(static m => m.GetProperty("role").GetString()));
        Assert.Equal(["tool_result", "tool_result"], sent.GetProperty("messages")[2].GetProperty("content").EnumerateArray().Select(static b => b.GetProperty("type").GetString()));
    }

    [Fact]
    public async Task A_cut_stream_is_an_exception_to_both_clients()
    {
        await using var chat = ScriptedUpstream.Start(UpstreamScript.Send(Stream(TranslatedStreamTests.Events("tools", Dialect.OpenAI)[..5])));
        await using Gateway one = await TranslatedStreamTests.StartAsync(chat, Dialect.OpenAI);
        AnthropicClient anthropic = new() { BaseUrl = one.Url.ToString().TrimEnd('/'), ApiKey = one.Key.Secret, MaxRetries = 0 };
        await Assert.ThrowsAnyAsync<AnthropicException>(() => anthropic.Messages.CreateStreaming(new() { Model = "m-x", MaxTokens = 500, Messages = [new UserMessageParam("hi")] }, Token).Aggregate());

        await using var claude = ScriptedUpstream.Start(UpstreamScript.Send(Stream(TranslatedStreamTests.Events("tools", Dialect.Anthropic)[..5])));
        await using Gateway other = await TranslatedStreamTests.StartAsync(claude, Dialect.Anthropic);
        ChatClient openai = new OpenAI.OpenAIClient(new ApiKeyCredential(other.Key.Secret), new OpenAI.OpenAIClientOptions { Endpoint = new(other.Url, "/v1") }).GetChatClient("m-x");
        await ThrowsAsync(openai);

        // The same where nothing is translated.
        await using Gateway same = await TranslatedStreamTests.StartAsync(chat, Dialect.OpenAI);
        await ThrowsAsync(new OpenAI.OpenAIClient(new ApiKeyCredential(same.Key.Secret), new OpenAI.OpenAIClientOptions { Endpoint = new(same.Url, "/v1") }).GetChatClient("m-x"));
    }

    private static async Task ThrowsAsync(ChatClient client) =>
        await Assert.ThrowsAnyAsync<Exception>(async () =>
        {
            await foreach (StreamingChatCompletionUpdate _ in client.CompleteChatStreamingAsync([new UserChatMessage("hi")], cancellationToken: Token)) { }
        });
}
