using Gigawatt.Models;
using Gigawatt.Wire;

namespace Gigawatt.Providers.Simulated;

/// <summary>What a simulated model says: the same for the same model and prompt length, cut where the request's bound cuts it.</summary>
internal sealed record SimulatedText(string Model, long InputTokens, IReadOnlyList<string> Tokens, bool Cut)
{
    private const int BytesPerToken = 4;

    internal string Text => string.Concat(Tokens);

    internal static SimulatedText For(ModelFacts model, RequestFacts request)
    {
        long inputTokens = (request.InputTokenBound + BytesPerToken - 1) / BytesPerToken;
        string text = $"This is a simulated answer: no model ran. Gigawatt took the {inputTokens} tokens of your prompt and sent these words at the pace "
            + $"that its catalogue predicts for {model.Name}. To get real answers, give it the address and key of a provider.";
        string[] words = text.Split(' ');
        int most = Math.Min(model.MaxOutputTokens, request.MaxOutputTokens ?? int.MaxValue);
        // A space belongs to the word after it, as in the vocabularies of real models.
        string[] tokens = [.. words.Take(most).Select((word, i) => i == 0 ? word : $" {word}")];
        return new(model.Name, inputTokens, tokens, tokens.Length < words.Length);
    }
}
