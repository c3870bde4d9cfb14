using Gigawatt.Models;
using Gigawatt.Units;
using Gigawatt.Wire;
using Gigawatt.Wire.Translation;
using Xunit;

namespace Gigawatt.Tests.Wire.Translation;

/// <summary>What is translated looks as the files under <c>golden/</c> say.</summary>
public sealed class GoldenTests
{
    internal static readonly TranslationTarget Target = new("target-model", 4096);
    internal static readonly Instant Now = Instant.Epoch + Duration.FromSeconds(1_800_000_000);

    public static TheoryData<string, Dialect, Dialect> Requests => Golden.Cases("requests");

    public static TheoryData<string, Dialect, Dialect> Answers => Golden.Cases("answers");

    [Theory]
    [MemberData(nameof(Requests))]
    public void A_request_becomes_what_its_file_says(string name, Dialect from, Dialect to)
    {
        RequestTranslator.TryTranslate(Golden.Input("requests", name, from), from, to, Target, out TranslatedRequest? translated, out ApiError? error);
        Golden.Matches("requests", name, from, to, Golden.Shown(translated?.Body, translated?.NotCarried, error));
    }

    [Theory]
    [MemberData(nameof(Answers))]
    public void An_answer_becomes_what_its_file_says(string name, Dialect from, Dialect to)
    {
        bool told = AnswerTranslator.TryTranslate(Golden.Input("answers", name, from), from, to, "asked-model", out byte[] body, out IReadOnlyList<string> notCarried, out ApiError? error, now: Now);
        Assert.Equal(told, error is null);
        Golden.Matches("answers", name, from, to, Golden.Shown(body, notCarried, error));
    }
}
