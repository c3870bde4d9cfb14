using System.Text;
using System.Text.Json.Nodes;
using CsCheck;
using Gigawatt.Models;
using Gigawatt.Wire;
using Gigawatt.Wire.Translation;
using Xunit;

namespace Gigawatt.Tests.Wire.Translation;

/// <summary>Any valid stream becomes a valid one that says the same, however its bytes are split; <see cref="Told"/> judges by each format's own rules.</summary>
public sealed class StreamProperties
{
    private static readonly Gen<(Dialect From, Dialect To)> Direction = Gen.Select(Gen.OneOf(Golden.Formats), Gen.OneOf(Golden.Formats)).Where(static pair => pair.Item1 != pair.Item2);

    [Fact]
    public void Any_valid_stream_becomes_a_valid_one_that_says_the_same() =>
        Gen.Select(SourceStream.Any, Direction, Gen.Int[1, 40].Array[1, 10]).Sample((source, pair, sizes) =>
        {
            byte[] stream = Encoding.UTF8.GetBytes(source.In(pair.From));
            (string text, StreamTranslator translator) = Streamed.Translate(stream, pair.From, pair.To, sizes);
            Assert.Equal(Streamed.Translate(stream, pair.From, pair.To).Text, text);
            Told told = Told.Read(pair.To, text);
            Assert.Equal((true, false, true), (told.Ended, told.Error, translator.Ended));
            Assert.Equal(source.Said, told.Text);
            Assert.Equal(source.Calls.Select(static call => (call.Name, Same(call.Arguments))), told.Calls.Select(static call => (call.Name, Same(call.Arguments))));
            Assert.Equal(told.Calls.Count, told.Calls.Select(static call => call.Id).Distinct().Count());
            Assert.Equal(Stop(source, pair.To), told.Stop);
            Assert.Equal(pair.To == Dialect.Anthropic ? 10 : 15, (int?)(told.Usage!["input_tokens"] ?? told.Usage["prompt_tokens"]));
            Assert.Equal(source.Items.Any(static item => item.IsThought), Told.NotCarried(text).Length > 0);
        }, iter: 3000);

    [Fact]
    public void Cut_anywhere_a_stream_is_an_error_or_was_whole() =>
        Gen.Select(SourceStream.Any, Direction, Gen.Double.Unit).Sample((source, pair, share) =>
        {
            byte[] stream = Encoding.UTF8.GetBytes(source.In(pair.From));
            byte[] cut = stream[..(int)(stream.Length * share)];
            Told told = Told.Read(pair.To, Streamed.Translate(cut, pair.From, pair.To).Text);
            Assert.NotEqual(told.Ended, told.Error);
            if (!told.Ended) { return; }
            // A provider that closes behind its last data has said all.
            Assert.Equal(source.Said, told.Text);
            Assert.Equal(source.Calls.Count, told.Calls.Count);
        }, iter: 3000);

    [Fact]
    public void Any_events_in_any_order_become_a_valid_stream() =>
        Gen.Select(SourceStream.Any.Array[1, 3], Direction, Gen.Int[0, 1 << 20], Gen.Double.Unit).Sample((sources, pair, seed, share) =>
        {
            // Events of several streams, shuffled, repeated and left out: what is no sense must still not come out as nonsense.
            Random random = new(seed);
            string[] events = [.. sources.SelectMany(source => source.In(pair.From).ReplaceLineEndings("\n").Split("\n\n", StringSplitOptions.RemoveEmptyEntries))];
            StringBuilder stream = new();
            for (int i = 0; i < events.Length; i++)
            {
                double draw = random.NextDouble();
                if (draw > share) { stream.Append(events[i]).Append("\n\n"); }
                else if (draw > share / 2) { stream.Append(events[random.Next(events.Length)]).Append("\n\n"); }
            }

            Told told = Told.Read(pair.To, Streamed.Translate(Encoding.UTF8.GetBytes(stream.ToString()), pair.From, pair.To).Text);
            Assert.NotEqual(told.Ended, told.Error);
        }, iter: 3000);

    private static string Same(string arguments) => JsonNode.Parse(arguments.Length == 0 ? "{}" : arguments)!.ToJsonString();

    private static string Stop(SourceStream source, Dialect to) => (to, source.Truncated, source.Calls.Count > 0) switch
    {
        (Dialect.Anthropic, true, _) => "max_tokens",
        (Dialect.Anthropic, _, true) => "tool_use",
        (Dialect.Anthropic, _, _) => "end_turn",
        (Dialect.OpenAI, true, _) => "length",
        (Dialect.OpenAI, _, true) => "tool_calls",
        (Dialect.OpenAI, _, _) => "stop",
        (_, true, _) => "max_output_tokens",
        _ => "completed",
    };
}
