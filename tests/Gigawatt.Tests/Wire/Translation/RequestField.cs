using System.Text.Json.Nodes;
using Gigawatt.Models;
using Gigawatt.Wire;
using Gigawatt.Wire.Translation;
using Xunit;

namespace Gigawatt.Tests.Wire.Translation;

/// <summary>One field, or one kind of thing, that requests of an API may have, and a request that has it.</summary>
/// <param name="From">The API.</param>
/// <param name="Name">As the documentation calls it.</param>
/// <param name="Sample">Properties of the request that show it.</param>
/// <param name="Why">What becomes of it where nothing is carried, named or refused; null for all others, which must be one of these.</param>
/// <param name="Leaf">The property that is taken out to see what difference it makes, or <c>@TYPE</c> for the blocks of a type; null for all of the sample.</param>
internal sealed record RequestField(Dialect From, string Name, string Sample, string? Why = null, string? Leaf = null)
{
    internal string Outcome(Dialect to)
    {
        JsonObject with = Base(), without = Base();
        Merge(with, JsonNode.Parse(Sample)!.AsObject());
        if (Leaf is not null)
        {
            Merge(without, JsonNode.Parse(Sample)!.AsObject());
            Remove(without, Leaf);
        }

        (TranslatedRequest? plain, ApiError? wrong) = Translate(without, to);
        Assert.True(wrong is null, $"{Name}: {wrong?.Message}");
        (TranslatedRequest? translated, ApiError? error) = Translate(with, to);
        if (error is not null)
        {
            Assert.Equal(ApiErrorKind.InvalidRequest, error.Kind);
            Assert.False(string.IsNullOrEmpty(error.Param), $"{Name} is refused without its name: {error.Message}");
            return "refused";
        }

        string[] names = [.. translated!.NotCarried.Except(plain!.NotCarried).Select(static name => $"`{name}`")];
        bool differs = !translated.Body.AsSpan().SequenceEqual(plain.Body);
        Assert.True(differs || names.Length > 0 || Why is not null, $"{From} {Name} is dropped on the way to {to}.");
        if (names.Length > 0) { return $"{(differs ? "carried, names" : "named")} {string.Join(", ", names)}"; }
        return differs ? "carried" : Why!;
    }

    private (TranslatedRequest? Translated, ApiError? Error) Translate(JsonObject request, Dialect to)
    {
        RequestTranslator.TryTranslate(System.Text.Encoding.UTF8.GetBytes(request.ToJsonString()), From, to, GoldenTests.Target, out TranslatedRequest? translated, out ApiError? error);
        return (translated, error);
    }

    private JsonObject Base() => JsonNode.Parse(From switch
    {
        Dialect.Anthropic => """{"model":"m","max_tokens":100,"messages":[{"role":"user","content":"hi"}]}""",
        Dialect.OpenAI => """{"model":"m","messages":[{"role":"user","content":"hi"}]}""",
        _ => """{"model":"m","input":"hi"}""",
    })!.AsObject();

    private static void Merge(JsonObject into, JsonObject from)
    {
        foreach ((string name, JsonNode? value) in from) { into[name] = value?.DeepClone(); }
    }

    private static void Remove(JsonNode? node, string leaf)
    {
        if (node is JsonArray array)
        {
            foreach (JsonNode? item in array.ToArray())
            {
                if (leaf[0] == '@' && (string?)item?["type"] == leaf[1..]) { array.Remove(item); }
                else { Remove(item, leaf); }
            }
        }
        else if (node is JsonObject owner)
        {
            owner.Remove(leaf);
            foreach ((_, JsonNode? value) in owner) { Remove(value, leaf); }
        }
    }
}
