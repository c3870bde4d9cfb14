using System.Text;
using System.Text.Json;

namespace Gigawatt.Wire.Bedrock;

/// <summary>Bodies of Anthropic Messages as Amazon Bedrock wants them.</summary>
/// <remarks>docs.aws.amazon.com/bedrock, "Anthropic Claude Messages API": the model is in the address, a stream is another address,
/// and version and betas are in the body.</remarks>
public static class BedrockBody
{
    private const int BudgetMax = 1_000_000;

    /// <summary>The body for <c>invoke</c> and <c>invoke-with-response-stream</c>: the client's bytes, but for the fields that say the
    /// model, the stream, the version and the betas.</summary>
    /// <param name="body">A body of <c>/v1/messages</c>.</param>
    /// <param name="betas">The values of the client's headers <c>anthropic-beta</c>, each a list with commas.</param>
    public static byte[] ForInvoke(ReadOnlySpan<byte> body, IEnumerable<string> betas) => Splice(body, betas, extra: "");

    /// <summary>The body for <c>count-tokens</c>, around a body for <c>invoke</c>.</summary>
    /// <param name="body">A body of <c>/v1/messages/count_tokens</c>.</param>
    /// <param name="betas">The values of the client's headers <c>anthropic-beta</c>, each a list with commas.</param>
    public static byte[] ForCounting(ReadOnlySpan<byte> body, IEnumerable<string> betas)
    {
        // Who counts does not say how long the answer may be, but a body for invoke must, and longer than the thinking in it.
        string extra = TopLevelSplice.TryFind(body, "max_tokens", out _) ? "" : $",\"max_tokens\":{1024 + ThinkingBudget(body)}";
        return Encoding.ASCII.GetBytes("{\"input\":{\"invokeModel\":{\"body\":\"" + Convert.ToBase64String(Splice(body, betas, extra)) + "\"}}}");
    }

    /// <summary>The model that counts tokens: an inference profile, which spreads calls over regions, does not count.</summary>
    public static string ModelForCounting(string model)
    {
        int provider = model.IndexOf("anthropic.", StringComparison.Ordinal);
        return provider > 0 && model[provider - 1] == '.' && !model.AsSpan(0, provider).ContainsAny(':', '/') ? model[provider..] : model;
    }

    private static byte[] Splice(ReadOnlySpan<byte> body, IEnumerable<string> betas, string extra)
    {
        List<string> all = [.. BetasOf(body)];
        foreach (string beta in betas.SelectMany(static value => value.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries)))
        {
            if (!all.Contains(beta)) { all.Add(beta); }
        }

        StringBuilder first = new("\"anthropic_version\":\"bedrock-2023-05-31\"");
        if (all.Count > 0) { first.Append(",\"anthropic_beta\":[").AppendJoin(',', all.Select(static beta => $"\"{JsonEncodedText.Encode(beta)}\"")).Append(']'); }
        first.Append(extra);
        return TopLevelSplice.Apply(body, Encoding.UTF8.GetBytes(first.ToString()), ["model", "stream", "anthropic_version", "anthropic_beta"]);
    }

    // Clients that were written for Bedrock have them in the body already.
    private static List<string> BetasOf(ReadOnlySpan<byte> body)
    {
        List<string> betas = [];
        if (!TopLevelSplice.TryFind(body, "anthropic_beta", out Utf8JsonReader reader) || reader.TokenType != JsonTokenType.StartArray) { return betas; }
        try
        {
            while (reader.Read() && reader.TokenType == JsonTokenType.String) { betas.Add(reader.GetString()!); }
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            // The cloud will say what is wrong with it.
        }

        return betas;
    }

    private static int ThinkingBudget(ReadOnlySpan<byte> body)
    {
        if (!TopLevelSplice.TryFind(body, "thinking", out Utf8JsonReader reader) || reader.TokenType != JsonTokenType.StartObject) { return 0; }
        try
        {
            while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
            {
                bool budget = reader.Is("budget_tokens"u8);
                reader.Read();
                if (budget && reader.TokenType == JsonTokenType.Number && reader.TryGetInt32(out int tokens) && tokens is > 0 and <= BudgetMax) { return tokens; }
                reader.Skip();
            }
        }
        catch (JsonException)
        {
            // The cloud will say what is wrong with it.
        }

        return 0;
    }
}
