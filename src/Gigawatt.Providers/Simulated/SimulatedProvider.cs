using System.Globalization;
using System.Text;
using System.Text.Json;
using Gigawatt.Models;
using Gigawatt.Wire;

namespace Gigawatt.Providers.Simulated;

/// <summary>Answers without a model: text that says it is simulated, at the pace that the catalogue predicts.</summary>
/// <remarks>Four bytes of prompt count as one token, and a word of the answer as one. The head comes at once; the body's reads
/// wait until their bytes would have been generated, JSON until the last of them.</remarks>
/// <param name="name">What configuration calls it.</param>
/// <param name="models">The models to answer for, by exact name.</param>
/// <param name="time">The clock of the pace, and of the creation times in answers.</param>
public sealed class SimulatedProvider(string name, IReadOnlyList<ModelFacts> models, TimeProvider time) : IModelProvider
{
    private int _answers;

    /// <inheritdoc/>
    public string Name => name;

    /// <inheritdoc/>
    public IReadOnlyList<Dialect> Dialects { get; } = [Dialect.Anthropic, Dialect.OpenAI, Dialect.Responses, Dialect.Embeddings, Dialect.CountTokens];

    /// <inheritdoc/>
    public ValueTask<ProviderAnswer> SendAsync(ProviderCall call, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        return new(Answer(call));
    }

    /// <inheritdoc/>
    public Task<IReadOnlyList<ProviderModel>?> ListModelsAsync(CancellationToken cancellationToken) =>
        Task.FromResult<IReadOnlyList<ProviderModel>?>([.. models.Select(model => new ProviderModel(model.Name, $"{model.Name} (simulated)", Created: null))]);

    private ProviderAnswer Answer(ProviderCall call)
    {
        if (models.FirstOrDefault(model => model.Name == call.Model) is not { } facts)
        {
            return Refuse(call.Dialect, new(ApiErrorKind.NotFound, $"model: {call.Model} is not simulated here.", "model"));
        }

        if (!RequestReader.TryRead(call.Body.Span, call.Dialect, anthropicVersion: null, out RequestFacts request, out ApiError? error))
        {
            return Refuse(call.Dialect, error);
        }

        if (request.Choices > 1)
        {
            return Refuse(call.Dialect, new(ApiErrorKind.InvalidRequest, "n: the simulation gives one answer.", "n"));
        }

        SimulatedText text = SimulatedText.For(facts, request);
        Pace pace = Pace.Of(facts, text.InputTokens);
        if (call.Dialect == Dialect.CountTokens) { return Whole(200, new(TimeSpan.Zero, Encoding.ASCII.GetBytes($"{{\"input_tokens\":{text.InputTokens}}}"))); }
        if (call.Dialect == Dialect.Embeddings)
        {
            return SimulatedEmbeddings.Json(call.Body, facts.Name, text.InputTokens, out error) is { } json ? Whole(200, new(pace.Due(0), json)) : Refuse(call.Dialect, error!);
        }

        DateTimeOffset now = time.GetUtcNow();
        string id = NewId(now);
        List<PacedBytes> parts = (call.Dialect, request.Stream) switch
        {
            (Dialect.Anthropic, false) => [SimulatedMessages.Json(id, text, pace)],
            (Dialect.Anthropic, true) => SimulatedMessages.Events(id, text, pace),
            (Dialect.Responses, false) => [SimulatedResponses.Json(id, now, text, pace)],
            (Dialect.Responses, true) => SimulatedResponses.Events(id, now, text, pace),
            (_, false) => [SimulatedCompletions.Json(id, now, text, pace)],
            (_, true) => SimulatedCompletions.Chunks(id, now, text, pace, AsksForUsage(call.Body)),
        };
        return request.Stream
            ? new(200, [new("Content-Type", "text/event-stream; charset=utf-8"), new("Cache-Control", "no-cache")], new SimulatedBody(parts, time))
            : Whole(200, parts[0]);
    }

    private ProviderAnswer Refuse(Dialect dialect, ApiError error) =>
        Whole(ErrorWire.Status(error.Kind, dialect), new(TimeSpan.Zero, ErrorWire.Body(error, dialect, $"req_sim_{NewId(time.GetUtcNow())}")));

    private ProviderAnswer Whole(int status, PacedBytes body) => new(
        status,
        [new("Content-Type", "application/json"), new("Content-Length", body.Bytes.Length.ToString(CultureInfo.InvariantCulture))],
        new SimulatedBody([body], time));

    private string NewId(DateTimeOffset now) =>
        string.Create(CultureInfo.InvariantCulture, $"sim_{now.ToUnixTimeMilliseconds():x}{(uint)Interlocked.Increment(ref _answers):x8}");

    private static bool AsksForUsage(ReadOnlyMemory<byte> body)
    {
        using JsonDocument request = JsonDocument.Parse(body, new() { MaxDepth = 512 });
        return request.RootElement.TryGetProperty("stream_options", out JsonElement options) && options.ValueKind == JsonValueKind.Object
            && options.TryGetProperty("include_usage", out JsonElement usage) && usage.ValueKind == JsonValueKind.True;
    }
}
