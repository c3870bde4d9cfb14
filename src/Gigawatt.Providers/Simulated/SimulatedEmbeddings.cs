using System.Buffers.Binary;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Gigawatt.Wire;

namespace Gigawatt.Providers.Simulated;

/// <summary>Simulated embeddings: directions that depend on the whole input and on nothing else. They say nothing of its meaning.</summary>
internal static class SimulatedEmbeddings
{
    private const int DefaultDimensions = 256;
    private const int DimensionsMax = 4096;

    /// <summary>The answer; or what is wrong with the request.</summary>
    internal static byte[]? Json(ReadOnlyMemory<byte> body, string model, long inputTokens, out ApiError? error)
    {
        using JsonDocument request = JsonDocument.Parse(body, new() { MaxDepth = 512 });
        JsonElement root = request.RootElement;
        bool base64 = root.TryGetProperty("encoding_format", out JsonElement format) && format.ValueKind == JsonValueKind.String && format.ValueEquals("base64");
        int dimensions = DefaultDimensions;
        if (root.TryGetProperty("dimensions", out JsonElement asked) && asked.ValueKind != JsonValueKind.Null
            && (asked.ValueKind != JsonValueKind.Number || !asked.TryGetInt32(out dimensions) || dimensions is < 1 or > DimensionsMax))
        {
            error = Wrong("dimensions", $"a whole number from 1 to {DimensionsMax}");
            return null;
        }

        List<string> inputs = InputsOf(root.GetProperty("input"));
        error = inputs.Count == 0 ? Wrong("input", "at least one input") : null;
        if (error is not null) { return null; }
        StringBuilder json = new("{\"object\":\"list\",\"data\":[");
        for (int i = 0; i < inputs.Count; i++)
        {
            float[] vector = Direction(inputs[i], dimensions);
            string embedding = base64 ? $"\"{Base64(vector)}\"" : $"[{string.Join(',', vector.Select(static v => v.ToString("R", CultureInfo.InvariantCulture)))}]";
            json.Append(CultureInfo.InvariantCulture, $"{(i > 0 ? "," : "")}{{\"object\":\"embedding\",\"index\":{i},\"embedding\":{embedding}}}");
        }

        json.Append(CultureInfo.InvariantCulture, $"],\"model\":\"{JsonEncodedText.Encode(model)}\",\"usage\":{{\"prompt_tokens\":{inputTokens},\"total_tokens\":{inputTokens}}}}}");
        return Encoding.UTF8.GetBytes(json.ToString());
    }

    // A text or its tokens; or a list of either.
    private static List<string> InputsOf(JsonElement input) =>
        input.ValueKind == JsonValueKind.Array && (input.GetArrayLength() == 0 || input[0].ValueKind != JsonValueKind.Number)
            ? [.. input.EnumerateArray().Select(static one => one.GetRawText())]
            : [input.GetRawText()];

    private static float[] Direction(string input, int dimensions)
    {
        float[] vector = new float[dimensions];
        byte[] seed = SHA256.HashData(Encoding.UTF8.GetBytes(input));
        double square = 0;
        for (int i = 0; i < dimensions; i++)
        {
            if (i % 8 == 0) { seed = SHA256.HashData(seed); }
            vector[i] = BinaryPrimitives.ReadInt32LittleEndian(seed.AsSpan(i % 8 * 4)) / (float)int.MaxValue;
            square += vector[i] * (double)vector[i];
        }

        // Of length 1, as those of real models.
        for (int i = 0; i < dimensions; i++) { vector[i] = (float)(vector[i] / Math.Sqrt(square)); }
        return vector;
    }

    private static string Base64(float[] vector)
    {
        byte[] bytes = new byte[vector.Length * sizeof(float)];
        for (int i = 0; i < vector.Length; i++) { BinaryPrimitives.WriteSingleLittleEndian(bytes.AsSpan(i * sizeof(float)), vector[i]); }
        return Convert.ToBase64String(bytes);
    }

    private static ApiError Wrong(string field, string expected) => new(ApiErrorKind.InvalidRequest, $"{field}: expected {expected}.", field);
}
