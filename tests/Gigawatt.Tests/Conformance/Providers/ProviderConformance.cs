using System.Text;
using System.Text.Json;
using Gigawatt.Models;
using Gigawatt.Providers;
using Gigawatt.Wire;
using Xunit;

namespace Gigawatt.Tests.Conformance.Providers;

/// <summary>What every provider does, whoever answers behind it.</summary>
public abstract class ProviderConformance : IAsyncDisposable
{
    /// <summary>The model that the provider answers for.</summary>
    protected const string Model = "sim-one";

    protected static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    protected abstract IModelProvider Provider { get; }

    protected abstract Dialect Dialect { get; }

    public async ValueTask DisposeAsync()
    {
        await StopAsync();
        GC.SuppressFinalize(this);
    }

    /// <summary>Stops what the provider talks to.</summary>
    protected virtual ValueTask StopAsync() => ValueTask.CompletedTask;

    /// <summary>Makes the next call be answered with one JSON document, without waiting.</summary>
    protected abstract void PrepareJson();

    /// <summary>Makes the next call be answered with a stream that holds back everything behind its first event until <see cref="LetTheRestThrough"/>.</summary>
    protected abstract void PrepareStream();

    /// <summary>Lets the first event of a prepared stream come.</summary>
    protected abstract void LetTheFirstEventThrough();

    /// <summary>Lets the rest of a prepared stream come.</summary>
    protected abstract void LetTheRestThrough();

    /// <summary>Makes the next call be answered as a model that does not exist is.</summary>
    protected abstract void PrepareUnknownModel();

    /// <summary>Makes the next listing of models have <see cref="Model"/> in it.</summary>
    protected abstract void PrepareModels();

    protected byte[] Request(bool stream, string model = Model, string further = "")
    {
        string asked = Dialect switch
        {
            Dialect.Anthropic => "\"max_tokens\":1024,\"messages\":[{\"role\":\"user\",\"content\":\"Hello\"}]",
            Dialect.Responses => "\"input\":\"Hello\"",
            _ => "\"messages\":[{\"role\":\"user\",\"content\":\"Hello\"}]",
        };
        if (Dialect == Dialect.OpenAI) { further = $",\"stream_options\":{{\"include_usage\":true}}{further}"; }
        return Encoding.UTF8.GetBytes($"{{\"model\":\"{model}\",{asked},\"stream\":{(stream ? "true" : "false")}{further}}}");
    }

    protected ProviderCall Call(bool stream, string model = Model) =>
        new(Dialect, model, stream, Request(stream, model), [new("Content-Type", "application/json")]);

    protected static string? Header(ProviderAnswer answer, string name) =>
        answer.Headers.Where(header => string.Equals(header.Key, name, StringComparison.OrdinalIgnoreCase)).Select(header => header.Value).SingleOrDefault();

    protected static async Task<byte[]> ReadToEndAsync(Stream body, int bufferBytes = 8192)
    {
        MemoryStream all = new();
        byte[] buffer = new byte[bufferBytes];
        for (int read; (read = await body.ReadAsync(buffer, Cancelled)) > 0;) { all.Write(buffer, 0, read); }
        return all.ToArray();
    }

    [Fact]
    public void It_says_that_it_speaks_the_dialect() => Assert.Contains(Dialect, Provider.Dialects);

    [Theory]
    [InlineData(1)]
    [InlineData(8192)]
    public async Task A_json_answer_has_its_type_its_length_and_its_usage(int bufferBytes)
    {
        PrepareJson();
        await using ProviderAnswer answer = await Provider.SendAsync(Call(stream: false), Cancelled);
        byte[] body = await ReadToEndAsync(answer.Body, bufferBytes);
        Assert.Equal(200, answer.Status);
        Assert.StartsWith("application/json", Header(answer, "content-type"), StringComparison.Ordinal);
        Assert.Equal(body.Length.ToString(System.Globalization.CultureInfo.InvariantCulture), Header(answer, "content-length"));
        Assert.True(AnswerReader.TryReadUsage(body, Dialect, out TokenUsage usage));
        Assert.True(usage.Input > 0 && usage.Output > 0);
    }

    [Theory]
    [InlineData(7)]
    [InlineData(8192)]
    public async Task A_stream_comes_with_its_type_ends_properly_and_tells_its_usage(int bufferBytes)
    {
        PrepareStream();
        LetTheFirstEventThrough();
        LetTheRestThrough();
        await using ProviderAnswer answer = await Provider.SendAsync(Call(stream: true), Cancelled);
        LetTheRestThrough();
        StreamMeter meter = new(Dialect);
        meter.Feed(await ReadToEndAsync(answer.Body, bufferBytes));
        Assert.Equal(200, answer.Status);
        Assert.StartsWith("text/event-stream", Header(answer, "content-type"), StringComparison.Ordinal);
        Assert.True(meter.Ended && meter.UsageSeen);
        Assert.False(meter.ErrorSeen || meter.InsideEvent);
        Assert.True(meter.Usage.Input > 0 && meter.Usage.Output > 0 && meter.OutputTextBytes > 0);
    }

    [Fact]
    public async Task The_first_event_arrives_while_the_rest_is_not_there_yet()
    {
        PrepareStream();
        LetTheFirstEventThrough();
        await using ProviderAnswer answer = await Provider.SendAsync(Call(stream: true), Cancelled);
        LetTheFirstEventThrough();
        StreamMeter meter = new(Dialect);
        byte[] buffer = new byte[8192];
        int read = await answer.Body.ReadAsync(buffer, Cancelled);
        Assert.True(read > 0);
        meter.Feed(buffer.AsSpan(0, read));
        Assert.False(meter.Ended);

        LetTheRestThrough();
        meter.Feed(await ReadToEndAsync(answer.Body));
        Assert.True(meter.Ended);
    }

    [Fact]
    public async Task A_model_that_is_not_there_is_a_404_in_the_dialect()
    {
        PrepareUnknownModel();
        await using ProviderAnswer answer = await Provider.SendAsync(Call(stream: false, "no-such-model"), Cancelled);
        using JsonDocument body = JsonDocument.Parse(await ReadToEndAsync(answer.Body));
        Assert.Equal(404, answer.Status);
        Assert.NotEmpty(body.RootElement.GetProperty("error").GetProperty("message").GetString()!);
        Assert.Equal(Dialect == Dialect.Anthropic, body.RootElement.TryGetProperty("request_id", out _));
    }

    [Fact]
    public async Task A_call_that_is_cancelled_before_it_starts_is_not_made()
    {
        PrepareJson();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => Provider.SendAsync(Call(stream: false), new CancellationToken(canceled: true)).AsTask());
    }

    [Fact]
    public async Task A_read_that_waits_ends_when_it_is_cancelled()
    {
        PrepareStream();
        LetTheFirstEventThrough();
        await using ProviderAnswer answer = await Provider.SendAsync(Call(stream: true), Cancelled);
        using CancellationTokenSource hangUp = CancellationTokenSource.CreateLinkedTokenSource(Cancelled);
        byte[] buffer = new byte[8192];
        LetTheFirstEventThrough();
        Assert.True(await answer.Body.ReadAsync(buffer, Cancelled) > 0);
        ValueTask<int> waiting = answer.Body.ReadAsync(buffer, hangUp.Token);
        await hangUp.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(async () => await waiting);
    }

    /// <summary>Whether it tells its models; clouds tell what they sell, which is not what an account may call, and so do not.</summary>
    protected virtual bool ListsModels => true;

    [Fact]
    public async Task It_lists_its_models_or_says_that_it_does_not_tell()
    {
        PrepareModels();
        IReadOnlyList<ProviderModel>? models = await Provider.ListModelsAsync(Cancelled);
        if (!ListsModels)
        {
            Assert.Null(models);
            return;
        }

        Assert.Contains(models!, model => model.Id == Model && model.DisplayName.Length > 0);
    }
}
