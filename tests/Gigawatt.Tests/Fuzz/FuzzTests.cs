using System.Globalization;
using System.Text;
using CsCheck;
using Gigawatt.Tests.Support;
using Xunit;

namespace Gigawatt.Tests.Fuzz;

/// <summary>Each parser takes its corpus, <c>corpus/NAME/</c>, and what chance makes of it: without an exception, twice with the same result,
/// and with memory in proportion to what it was given.</summary>
/// <remarks>What breaks one is printed in base64. Put it into the corpus as a file whose name says what was wrong, and mend the parser.</remarks>
[Collection("fuzz")]
[CollectionDefinition("fuzz", DisableParallelization = true)] // Other tests measure the memory of the process.
public sealed class FuzzTests
{
    private const int LongestInput = 64 << 10;
    private const int LongestSplit = 4 << 10;
    private const uint Mutations = 1500;
    private const long OwnMemory = 2 << 20; // buffers of their own, and those of the pool when it is empty
    private const int MemoryPerByte = 1024;

    private static readonly string Corpus = Path.Combine(Repository.Root, "tests/Gigawatt.Tests/Fuzz/corpus");

    private static readonly byte[][] Scraps =
    [
        .. new[]
        {
            "{", "}", "[", "]", ",", ":", "\"", "\\", "\\u0000", "\\ud800", "\\", "null", "true", "-1", "0", "1e999", "99999999999999999999", "0.1", "\n", "\r\n", "\n\n", "\r", "data:", "data: ", "event: error\n",
            "data: [DONE]\n\n", "\"type\":", "\"type\":\"text\"", "\"error\":{}", "\"usage\":{}", "\"id\":\"\"", "\"index\":-1", "\"index\":2147483648", "\"content\":[]", "\"model\":null", "é", "🚀", "\0", "\ufeff", "&a ", "*a", "- ", "  ", ": ", "#",
        }.Select(Encoding.UTF8.GetBytes),
        [0xff], [0xc3], [0xe2, 0x82], [0xf0, 0x9f, 0x9a], [0x80], [0, 0, 0, 0], [0xff, 0xff, 0xff, 0xff],
    ];

    public static TheoryData<string> Parsers => [.. FuzzTargets.All.Keys];

    [Theory]
    [MemberData(nameof(Parsers))]
    public void Takes_its_corpus(string parser)
    {
        byte[][] inputs = Inputs(parser);
        Assert.NotEmpty(inputs);
        Assert.All(inputs, input => Check(parser, input));
    }

    [Theory]
    [MemberData(nameof(Parsers))]
    public void Takes_what_chance_makes_of_its_corpus(string parser)
    {
        byte[][] inputs = Inputs(parser);
        Gen<byte[]> mutated = Gen.Select(Gen.Int[0, inputs.Length - 1], Gen.Int[0, inputs.Length - 1], Gen.Select(Gen.Int[0, 5], Gen.Double.Unit, Gen.Double.Unit, Gen.Int[0, Scraps.Length - 1]).Array[1, 5], (first, second, changes) =>
        {
            byte[] bytes = inputs[first];
            foreach ((int kind, double where, double much, int scrap) in changes) { bytes = Change(bytes, inputs[second], kind, where, much, Scraps[scrap]); }
            return bytes.Length > LongestInput ? bytes[..LongestInput] : bytes;
        });

        // The same every time, so that a change is judged by what it changed; GIGAWATT_FUZZ_FROM=NUMBER looks elsewhere.
        uint from = uint.TryParse(Environment.GetEnvironmentVariable("GIGAWATT_FUZZ_FROM"), CultureInfo.InvariantCulture, out uint given) ? given : 1;
        for (uint i = 0; i < Mutations; i++)
        {
            byte[] bytes = mutated.Generate(new PCG(from, i), null, out _);
            if (Record.Exception(() => Check(parser, bytes)) is { } broken) { Assert.Fail($"{Convert.ToBase64String(bytes)}\n{broken}"); }
        }
    }

    // The grammar of JSON allows it and no text has it (RFC 8259, section 8.2), so readers fail late, when they look at the string.
    [Theory]
    [MemberData(nameof(Parsers))]
    public void Takes_half_of_a_surrogate_pair_at_the_start_of_every_string_of_its_corpus(string parser)
    {
        foreach (byte[] input in Inputs(parser).Where(static input => input.Length <= LongestSplit))
        {
            for (int at = 0; at < input.Length; at++)
            {
                if (input[at] != '"') { continue; }
                byte[] bytes = [.. input[..(at + 1)], .. "\\ud800"u8, .. input[(at + 1)..]];
                if (Record.Exception(() => Check(parser, bytes)) is { } broken) { Assert.Fail($"{Convert.ToBase64String(bytes)}\n{broken}"); }
            }
        }
    }

    private static byte[][] Inputs(string parser) => [.. Directory.EnumerateFiles(Path.Combine(Corpus, parser)).Order(StringComparer.Ordinal).Select(File.ReadAllBytes)];

    private static byte[] Change(byte[] bytes, byte[] other, int kind, double where, double much, byte[] scrap)
    {
        int at = (int)(where * bytes.Length), rest = bytes.Length - at, length = Math.Min(rest, 1 + (int)(much * much * rest));
        switch (kind)
        {
            case 0 when rest > 0: return [.. bytes[..at], (byte)(bytes[at] ^ (1 << (int)(much * 7.99))), .. bytes[(at + 1)..]];
            case 1: return [.. bytes[..at], .. scrap, .. bytes[at..]];
            case 2: return [.. bytes[..at], .. bytes[(at + length)..]];
            case 3: return [.. bytes[..at], .. bytes[at..(at + length)], .. bytes[at..]];
            case 4: return [.. bytes[..at], .. other[(int)(much * other.Length)..]];
            default: return bytes[..at];
        }
    }

    private static void Check(string parser, byte[] bytes)
    {
        Func<byte[], string> target = FuzzTargets.All[parser];
        string first = target(bytes);
        long before = GC.GetAllocatedBytesForCurrentThread();
        string second = target(bytes);
        long used = GC.GetAllocatedBytesForCurrentThread() - before;
        Assert.Equal(first, second);
        Assert.True(used <= OwnMemory + (long)MemoryPerByte * bytes.Length, $"{used} bytes for an input of {bytes.Length}");
    }
}
